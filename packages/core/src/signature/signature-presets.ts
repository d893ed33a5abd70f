import type { SchemeFactory } from './define-scheme.js'
import { adyenRaw } from './schemes/adyen-raw.js'
import { asana } from './schemes/asana.js'
import { box } from './schemes/box.js'
import { discord } from './schemes/discord.js'
import { dropbox } from './schemes/dropbox.js'
import { gitea } from './schemes/gitea.js'
import { github } from './schemes/github.js'
import { intercom } from './schemes/intercom.js'
import { lemonsqueezy } from './schemes/lemonsqueezy.js'
import { line } from './schemes/line.js'
import { linear } from './schemes/linear.js'
import { meta } from './schemes/meta.js'
import { mux } from './schemes/mux.js'
import { notion } from './schemes/notion.js'
import { paddle } from './schemes/paddle.js'
import { pagerduty } from './schemes/pagerduty.js'
import { paystack } from './schemes/paystack.js'
import { razorpay } from './schemes/razorpay.js'
import { sanity } from './schemes/sanity.js'
import { shopify } from './schemes/shopify.js'
import { slack } from './schemes/slack.js'
import { square } from './schemes/square.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { stripe } from './schemes/stripe.js'
import { svix } from './schemes/svix.js'
import { trello } from './schemes/trello.js'
import { twitch } from './schemes/twitch.js'
import { typeform } from './schemes/typeform.js'
import { vercel } from './schemes/vercel.js'
import { websubSha256 } from './schemes/websub.js'
import { workos } from './schemes/workos.js'
import { zendesk } from './schemes/zendesk.js'
import { zoom } from './schemes/zoom.js'

/** Every preset by its scheme's name, for tools that are told a name. Who knows the name imports the preset itself. */
export const signaturePresets: Readonly<Record<string, SchemeFactory>> = {
  'standard-webhooks': standardWebhooks,
  svix,
  'adyen-raw': adyenRaw,
  asana,
  box,
  discord,
  dropbox,
  gitea,
  github,
  intercom,
  lemonsqueezy,
  line,
  linear,
  meta,
  mux,
  notion,
  paddle,
  pagerduty,
  paystack,
  razorpay,
  sanity,
  shopify,
  slack,
  square,
  stripe,
  trello,
  twitch,
  typeform,
  vercel,
  'websub-sha256': websubSha256,
  workos,
  zendesk,
  zoom,
}
