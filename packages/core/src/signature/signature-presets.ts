import type { SchemeFactory } from './scheme-model/define-scheme.js'
import { adyenItem } from './schemes/adyen-item.js'
import { adyenRaw } from './schemes/adyen-raw.js'
import { asana } from './schemes/asana.js'
import { box } from './schemes/box.js'
import { convoyAdvanced, convoySimple } from './schemes/convoy.js'
import { discord } from './schemes/discord.js'
import { dropbox } from './schemes/dropbox.js'
import { fal } from './schemes/fal.js'
import { gitea } from './schemes/gitea.js'
import { github } from './schemes/github.js'
import { gitlabToken } from './schemes/gitlab-token.js'
import { googleChannel } from './schemes/google-channel.js'
import { hook0 } from './schemes/hook0.js'
import { hubspotV1 } from './schemes/hubspot-v1.js'
import { hubspotV2 } from './schemes/hubspot-v2.js'
import { hubspotV3 } from './schemes/hubspot-v3.js'
import { intercom } from './schemes/intercom.js'
import { kick } from './schemes/kick.js'
import { lemonsqueezy } from './schemes/lemonsqueezy.js'
import { line } from './schemes/line.js'
import { linear } from './schemes/linear.js'
import { mailgun } from './schemes/mailgun.js'
import { meta } from './schemes/meta.js'
import { mux } from './schemes/mux.js'
import { notion } from './schemes/notion.js'
import { paddle } from './schemes/paddle.js'
import { pagerduty } from './schemes/pagerduty.js'
import { paystack } from './schemes/paystack.js'
import { razorpay } from './schemes/razorpay.js'
import { sanity } from './schemes/sanity.js'
import { sendgrid } from './schemes/sendgrid.js'
import { shopify } from './schemes/shopify.js'
import { slack } from './schemes/slack.js'
import { square } from './schemes/square.js'
import { standardWebhooks } from './schemes/standard-webhooks.js'
import { staticHeader } from './schemes/static-header.js'
import { stripe } from './schemes/stripe.js'
import { svix } from './schemes/svix.js'
import { telegram } from './schemes/telegram.js'
import { trello } from './schemes/trello.js'
import { twilioBody } from './schemes/twilio-body.js'
import { twilioForm } from './schemes/twilio-form.js'
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
  'adyen-item': adyenItem,
  'adyen-raw': adyenRaw,
  asana,
  box,
  'convoy-advanced': convoyAdvanced,
  'convoy-simple': convoySimple,
  discord,
  dropbox,
  fal,
  gitea,
  github,
  'gitlab-token': gitlabToken,
  'google-channel': googleChannel,
  hook0,
  'hubspot-v1': hubspotV1,
  'hubspot-v2': hubspotV2,
  'hubspot-v3': hubspotV3,
  intercom,
  kick,
  lemonsqueezy,
  line,
  linear,
  mailgun,
  meta,
  mux,
  notion,
  paddle,
  pagerduty,
  paystack,
  razorpay,
  sanity,
  sendgrid,
  shopify,
  slack,
  square,
  'static-token': staticHeader,
  stripe,
  telegram,
  trello,
  'twilio-body': twilioBody,
  'twilio-form': twilioForm,
  twitch,
  typeform,
  vercel,
  'websub-sha256': websubSha256,
  workos,
  zendesk,
  zoom,
}
