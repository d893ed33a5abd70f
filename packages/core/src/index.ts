// The seam.
export * from './guard.js'
export * from './sequence.js'
export * from './problem.js'
export * from './errors.js'
export { type Observe, type ObservedWork, observers } from './observe.js'
export * from './event-severity.js'

// API keys.
export * from './api-key/api-keys.js'
export type { ApiKeyCacheOptions, ApiKeysOptions, OwnerStatus } from './api-key/api-keys-options.js'
export type { AddressMatcher } from './api-key/addresses.js'
export type { ApiKeyChanges, NewApiKey, NewQuota } from './api-key/lifecycle/new-api-key.js'
export type { IssuedApiKey } from './api-key/key/issued-key.js'
export type { ApiKeyPage } from './api-key/lifecycle/key-page.js'
export type { KeyKeeping } from './api-key/lifecycle/key-keeping.js'
export type { RotationOptions } from './api-key/lifecycle/rotation.js'
export type { ImportedApiKey } from './api-key/lifecycle/imported-key.js'
export type { ForeignAlgorithm } from './api-key/key/foreign-hash.js'
export type { ImportOptions, ImportProgress, ImportResult } from './api-key/lifecycle/key-import.js'
export type { LegacyDigests, LegacyKeys, LegacyVerifier } from './api-key/key/legacy-keys.js'
export type { MaxActiveKeys } from './api-key/lifecycle/issuance.js'
export * from './api-key/lifecycle/lifecycle-error.js'
export type { ApiKeyInfo } from './api-key/key/api-key-info.js'
export type { Peppers } from './api-key/key/digest.js'
export type { RandomSource } from './api-key/key/base62.js'
export * from './api-key/guard.js'
export type { ApiKeyOptions } from './api-key/guard-options.js'
export type { CredentialPlace } from './api-key/verification/credential.js'
export type { FailureThrottle } from './api-key/verification/failed-attempts.js'
export type { KeyOrigin, KeyRequirements } from './api-key/verification/requirements.js'
export type { ApiKeyGrant, InvalidKey, InvalidKeyReason, Verification } from './api-key/verification/verification.js'
export type { KeyLimit } from './api-key/limits/key-meters.js'
export { isScopeGrant, mayHandOn, type ScopeGrant } from './api-key/verification/scopes.js'
export type * from './api-key/events.js'
export type * from './api-key/store.js'
export type * from './api-key/rate-store.js'

// API keys that leak.
export * from './api-key/leaks/key-redactor.js'
export * from './api-key/leaks/redact-paths.js'
export * from './api-key/leaks/key-scanner.js'
export * from './api-key/leaks/scanner-patterns.js'
export * from './api-key/leaks/github-secret-scanning.js'
export type { GithubSecretScanningOptions } from './api-key/leaks/secret-scanning-options.js'
export type * from './api-key/leaks/secret-scanning-event.js'
export type { KeyPrefixes } from './api-key/leaks/key-prefixes.js'

// Idempotency keys.
export * from './idempotency/guard.js'
export type * from './idempotency/options.js'
export type { IdempotencyGrant } from './idempotency/grant.js'
export type { SettledReply } from './idempotency/reply/settled-reply.js'
export type { BodyFingerprint } from './idempotency/fingerprint/fingerprint.js'
export * from './idempotency/presets.js'
export type { IdempotencyEvent } from './idempotency/events.js'
export * from './idempotency/operators.js'
export { keptHeaders } from './idempotency/reply/kept-headers.js'
export { type RecordScope, recordId } from './idempotency/record-id.js'
export type { RecordFault, TombstoneNote, TombstoneReason } from './idempotency/reply/reply-record.js'
export type * from './idempotency/store.js'

// Signatures.
export * from './signature/signature.js'
export type { SignatureOptions } from './signature/signature-options.js'
export * from './signature/verify.js'
export * from './signature/sign.js'
export * from './signature/webhook-sender.js'
export * from './signature/scheme-model/define-scheme.js'
export type {
  ContentSegment,
  FieldPlace,
  HasScheme,
  Scheme,
  SecretKind,
  SecretRule,
  SignatureAlgorithm,
  SignatureCarrier,
  SignatureEncoding,
  SignatureSyntax,
  SignatureVariant,
  TimestampUnit,
} from './signature/scheme-model/scheme.js'
export { signaturePresets } from './signature/signature-presets.js'
export type {
  BoundScheme,
  SecretOptions,
  SecretRequest,
  SecretResolver,
} from './signature/scheme-model/bound-scheme.js'
export type { SignatureFault } from './signature/verification/fault.js'
export type { MessageHeaders } from './signature/message-headers.js'
export { adyenItem } from './signature/schemes/adyen-item.js'
export { adyenRaw } from './signature/schemes/adyen-raw.js'
export { asana } from './signature/schemes/asana.js'
export { box } from './signature/schemes/box.js'
export { convoyAdvanced, type ConvoyOptions, convoySimple } from './signature/schemes/convoy.js'
export { discord } from './signature/schemes/discord.js'
export { dropbox } from './signature/schemes/dropbox.js'
export { fal } from './signature/schemes/fal.js'
export { gitea } from './signature/schemes/gitea.js'
export { github } from './signature/schemes/github.js'
export { gitlabToken } from './signature/schemes/gitlab-token.js'
export { googleChannel } from './signature/schemes/google-channel.js'
export { hook0 } from './signature/schemes/hook0.js'
export { hubspotV1 } from './signature/schemes/hubspot-v1.js'
export { hubspotV2 } from './signature/schemes/hubspot-v2.js'
export { hubspotV3 } from './signature/schemes/hubspot-v3.js'
export { intercom } from './signature/schemes/intercom.js'
export { kick, kickPublicKey } from './signature/schemes/kick.js'
export { lemonsqueezy } from './signature/schemes/lemonsqueezy.js'
export { line } from './signature/schemes/line.js'
export { linear } from './signature/schemes/linear.js'
export { mailgun } from './signature/schemes/mailgun.js'
export { meta } from './signature/schemes/meta.js'
export { mux } from './signature/schemes/mux.js'
export { notion } from './signature/schemes/notion.js'
export { paddle } from './signature/schemes/paddle.js'
export { pagerduty } from './signature/schemes/pagerduty.js'
export { paystack } from './signature/schemes/paystack.js'
export { razorpay } from './signature/schemes/razorpay.js'
export { sanity } from './signature/schemes/sanity.js'
export { sendgrid } from './signature/schemes/sendgrid.js'
export { shopify } from './signature/schemes/shopify.js'
export { slack } from './signature/schemes/slack.js'
export { square } from './signature/schemes/square.js'
export { standardWebhooks } from './signature/schemes/standard-webhooks.js'
export { staticHeader, type StaticHeaderOptions } from './signature/schemes/static-header.js'
export { stripe } from './signature/schemes/stripe.js'
export { svix } from './signature/schemes/svix.js'
export { telegram } from './signature/schemes/telegram.js'
export { trello } from './signature/schemes/trello.js'
export { twilioBody } from './signature/schemes/twilio-body.js'
export { twilioForm } from './signature/schemes/twilio-form.js'
export { twitch } from './signature/schemes/twitch.js'
export { typeform } from './signature/schemes/typeform.js'
export { vercel } from './signature/schemes/vercel.js'
export { websubSha256 } from './signature/schemes/websub.js'
export { workos } from './signature/schemes/workos.js'
export { zendesk } from './signature/schemes/zendesk.js'
export { zoom } from './signature/schemes/zoom.js'
export { type AsanaHandshakeOptions, asanaHandshake } from './signature/handshakes/asana.js'
export { dropboxHandshake } from './signature/handshakes/dropbox.js'
export type { Handshake, HandshakeOptions } from './signature/handshakes/handshake.js'
export { type MetaHandshakeOptions, metaHandshake } from './signature/handshakes/meta.js'
export { microsoftGraphHandshake } from './signature/handshakes/microsoft-graph.js'
export { type NotionHandshakeOptions, notionHandshake } from './signature/handshakes/notion.js'
export { slackHandshake, slackSslCheck } from './signature/handshakes/slack.js'
export { trelloHandshake } from './signature/handshakes/trello.js'
export { twitchHandshake } from './signature/handshakes/twitch.js'
export { type ZoomHandshakeOptions, zoomHandshake } from './signature/handshakes/zoom.js'
export type { MessageNotice, ReplayNotice, SignatureEvent, SignatureNotice } from './signature/signature-event.js'
export type * from './signature/store.js'

// For packages that verify a kind of signature of their own.
export { crc32 } from './crc32.js'
export { decodeSignature } from './signature/scheme-model/encoding.js'
export { messageHeaders } from './signature/message-headers.js'
export { judgeTime, parseTimestamp } from './signature/verification/timestamp.js'
export {
  type GenuineMessage,
  type MessageVerifier,
  messageGuard,
  type PendingMessage,
} from './signature/message-guard.js'
export {
  type MessageGuardOptions,
  type MessageGuardSettings,
  messageGuardOptions,
  messageGuardSettings,
} from './signature/guard-settings.js'

// Stores.
export * from './stores/memory.js'
export { KeyWatchers } from './stores/key-watchers.js'
export { refilled } from './api-key/quota.js'
export { isRepeatedInsert, isSameDigest } from './api-key/same-key.js'
export type { Store } from './stores/store.js'

// Secrets.
export * from './secrets/collision-probability.js'
export * from './secrets/equal.js'
export * from './secrets/idempotency-key.js'
export * from './secrets/one-time-tokens.js'
export type { OneTimeTokenOptions, OneTimeTokensOptions } from './secrets/one-time-tokens-options.js'
export type { OneTimeTokenEvent } from './secrets/one-time-token-event.js'
export * from './secrets/passphrase.js'
export * from './secrets/random-below.js'
export * from './secrets/token.js'
export type * from './secrets/store.js'

// What adapters and the guards of other packages share.
export * from './request-body.js'
export { isPromise, within } from './deadline.js'
export { decorated } from './decorated.js'
export { around, observedGuard, tell } from './observe.js'
export { isBaseUrl, isFunction, isLine, OptionReader } from './option-reader.js'
