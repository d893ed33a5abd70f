// What the guards of this package share.

export { type ConfirmOptions, confirmSubscription } from './confirm-subscription.js'
export type { RemoteSignatureFault } from './fault.js'
// JSON Web Key Sets.
export { falKeys, type JwksOptions, jwks } from './jwks.js'
export type { JwtAlgorithm } from './jwt-keys.js'
export type { BodyDigestClaim, JwtGrant } from './jwt-messages.js'
export type { JwtSignatureOptions, JwtSignatureRules } from './jwt-options.js'
export { fusionAuth, googlePubSub, monday, netlify } from './jwt-senders.js'
export { jwtSignature, jwtSignatureVerifier } from './jwt-signature.js'
export { KeyHostError, type KeyHostFault } from './key-host-error.js'
export type { HasKeyHost, KeyHostEvent, KeyHostOptions } from './key-host-options.js'
// Certificates.
export { type PaypalGrant, paypal, paypalVerifier } from './paypal.js'
export type { PaypalOptions, PaypalRules } from './paypal-options.js'
// JSON Web Tokens.
export { type PlaidOptions, type PlaidRules, plaid, plaidVerifier } from './plaid.js'
export type { RemoteGrant, RemoteGuardOptions, RemoteSignatureEvent } from './remote-guard.js'
export { type RemoteJwks, type RemoteJwksOptions, remoteJwks } from './remote-jwks.js'
export type { RemoteVerification, VerifyRemote } from './remote-verify.js'
// Signing, for tests.
export {
  type JwtMessage,
  type PaypalMessage,
  type SignedSnsPost,
  type SnsMessageToSign,
  signJwt,
  signPaypal,
  signSns,
} from './sign.js'
export { type SnsGrant, sns, snsVerifier } from './sns.js'
export type { SnsMessage } from './sns-message.js'
export type { SnsOptions, SnsRules } from './sns-options.js'
