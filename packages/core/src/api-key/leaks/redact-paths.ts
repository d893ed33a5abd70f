import { ConfigurationError } from '../../errors.js'

/** Fields of a request that let whoever reads them act as the sender, or send the message again. */
const requestFields = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'idempotency-key',
  'signature',
  'webhook-signature',
  'svix-signature',
  'stripe-signature',
  'x-slack-signature',
  'x-hub-signature',
  'x-hub-signature-256',
  'github-public-key-signature',
  'box-signature-primary',
  'box-signature-secondary',
  'hmacsignature',
  'kick-event-signature',
  'linear-signature',
  'mux-signature',
  'paddle-signature',
  'paypal-transmission-sig',
  'plaid-verification',
  'sanity-webhook-signature',
  'twitch-eventsub-message-signature',
  'typeform-signature',
  'workos-signature',
  'x-convoy-signature',
  'x-dropbox-signature',
  'x-fal-webhook-signature',
  'x-forgejo-signature',
  'x-fusionauth-signature-jwt',
  'x-gitea-signature',
  'x-hook-signature',
  'x-hook0-signature',
  'x-hubspot-signature',
  'x-hubspot-signature-v3',
  'x-line-signature',
  'x-notion-signature',
  'x-pagerduty-signature',
  'x-paystack-signature',
  'x-razorpay-signature',
  'x-shopify-hmac-sha256',
  'x-signature',
  'x-signature-ed25519',
  'x-square-hmacsha256-signature',
  'x-trello-webhook',
  'x-twilio-email-event-webhook-signature',
  'x-twilio-signature',
  'x-vercel-signature',
  'x-webhook-secret',
  'x-webhook-signature',
  'x-zendesk-webhook-signature',
  'x-zm-signature',
  'x-gitlab-token',
  'x-goog-channel-token',
  'x-telegram-bot-api-secret-token',
] as const

/** Where loggers put the fields of a request: pino's serializers and Express, and Koa, which says `header`. */
const requestPlaces = ['headers', 'req.headers', 'request.headers', 'request.header', 'ctx.request.header'] as const
const replyPlaces = ['res.headers', 'response.headers', 'response.header', 'ctx.response.header'] as const

/**
 * Paths for the option `redact` of pino: the fields of requests and replies that hold credentials. What stands in a URL or in
 * a message is not at any path: `keyRedactor` over the finished line finds keys there, too.
 *
 * @param fields further fields of requests, in any case, as those that `credentials` names.
 *
 * @example
 * ```ts
 * import { redactPaths } from '@latchkey/core'
 *
 * export const loggerOptions = { redact: redactPaths('X-Acme-Key') }
 * ```
 *
 * @throws ConfigurationError where the name of a field is none, or one with characters beside `[0-9A-Za-z_-]`.
 */
export function redactPaths(...fields: readonly string[]): string[] {
  const own = fields.map((field) => {
    if (typeof field === 'string' && /^[0-9A-Za-z_-]+$/.test(field)) return field.toLowerCase()
    throw new ConfigurationError('invalid-option', 'redactPaths: each argument must be the name of a header field')
  })
  const requests = new Set([...requestFields, ...own])
  return [
    ...requestPlaces.flatMap((place) => [...requests].map((field) => `${place}["${field}"]`)),
    ...replyPlaces.map((place) => `${place}["set-cookie"]`),
  ]
}
