import type { SchemeFactory } from './define-scheme.js'
import { github } from './schemes/github.js'
import { slack } from './schemes/slack.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { stripe } from './schemes/stripe.js'
import { svix } from './schemes/svix.js'

/** Every preset by its scheme's name, for tools that are told a name. Who knows the name imports the preset itself. */
export const signaturePresets: Readonly<Record<string, SchemeFactory>> = {
  'standard-webhooks': standardWebhooks,
  svix,
  github,
  stripe,
  slack,
}
