import type { JwtSignatureRules } from './jwt-options.js'
import { type RemoteJwksOptions, remoteJwks } from './remote-jwks.js'

/** What is left to say where a sender is known. */
type Sender<Names extends keyof JwtSignatureRules> = Pick<
  JwtSignatureRules,
  Names | 'name' | 'header' | 'bodyDigest' | 'maxAgeSeconds'
>

/**
 * FusionAuth: the body's SHA-256 in `request_body_sha256`, signed by a key of your own choice, so that `algorithms` and `secrets` or
 * `publicKeys` are to be added (https://fusionauth.io/docs/extend/events-and-webhooks/signing).
 */
export const fusionAuth = {
  name: 'fusionauth',
  header: 'x-fusionauth-signature-jwt',
  bodyDigest: { claim: 'request_body_sha256', encoding: 'base64' },
  maxAgeSeconds: 0,
} as const satisfies Sender<never>

/**
 * Netlify's notifications: HS256 by the secret that you have given them, issued by `netlify`, the body's SHA-256 in `sha256`
 * (https://docs.netlify.com/deploy/deploy-notifications/#payload-signature). Nothing says when: the replay window is all that
 * stops a repetition.
 */
export const netlify = {
  name: 'netlify',
  header: 'x-webhook-signature',
  algorithms: ['HS256'],
  issuer: 'netlify',
  bodyDigest: { claim: 'sha256', encoding: 'hex' },
  maxAgeSeconds: 0,
} as const satisfies Sender<'algorithms' | 'issuer'>

/**
 * monday.com's integrations: HS256 by the app's signing secret; `audience` is the URL that monday.com calls. The body is not
 * signed (https://developer.monday.com/apps/docs/authorization-header).
 */
export const monday = {
  name: 'monday',
  header: 'authorization',
  algorithms: ['HS256'],
  bodyDigest: 'unsigned',
  maxAgeSeconds: 300,
  requiredClaims: ['exp'],
} as const satisfies Sender<'algorithms' | 'requiredClaims'>

/**
 * Pushes of Google Pub/Sub: an OpenID Connect token of the subscription's service account, by Google's keys; the body is not signed
 * (https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions).
 *
 * @param subscription `audience`: as the subscription says, its URL where it says nothing; `serviceAccount`: the e-mail address of
 * the account that it pushes as, without which anybody's subscription would do.
 *
 * @example
 * ```ts
 * import { googlePubSub, jwtSignature } from '@latchkey/remote-keys'
 *
 * const audience = 'https://api.example.com/hooks/pubsub'
 * const serviceAccount = 'pusher@project.iam.gserviceaccount.com'
 * export const fromPubSub = jwtSignature(googlePubSub({ audience, serviceAccount }))
 * ```
 */
export function googlePubSub(
  subscription: { readonly audience: string; readonly serviceAccount: string },
  keys: RemoteJwksOptions = {},
) {
  return {
    name: 'google-pubsub',
    header: 'authorization',
    prefix: 'Bearer ',
    algorithms: ['RS256'],
    issuer: ['https://accounts.google.com', 'accounts.google.com'],
    audience: subscription.audience,
    claims: { email: subscription.serviceAccount, email_verified: true },
    requiredClaims: ['exp'],
    publicKeys: remoteJwks('https://www.googleapis.com/oauth2/v3/certs', { maxAgeSeconds: 3600, ...keys }),
    bodyDigest: 'unsigned',
    maxAgeSeconds: 3600,
  } as const satisfies JwtSignatureRules
}
