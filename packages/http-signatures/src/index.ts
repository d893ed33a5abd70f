export { contentDigest, type DigestAlgorithm, verifyContentDigest } from './content-digest.js'
export { type HttpSignatureAlgorithm, httpSignatureAlgorithms, type KeyMaterial } from './crypto.js'
export type { HttpSignatureFault } from './fault.js'
export { type HttpSignatureGrant, httpSignature } from './guard.js'
export type { HttpSignatureEvent } from './guard-event.js'
export type { HttpSignatureOptions } from './guard-options.js'
export type { HttpRequest, HttpResponse } from './http-message.js'
export { type JwksEvent, type JwksOptions, jwks } from './jwks.js'
export { type KeyOptions, type SigningKey, signingKey, type VerificationKey, verificationKey } from './key.js'
export type { KeyResolver, VerificationKeys, WantedKey } from './key-source.js'
export { mailChannels } from './mailchannels.js'
export type { HttpSignaturePolicy } from './policy.js'
export { type SignMessageOptions, type SignResponseOptions, signRequest, signResponse } from './sign.js'
export type { FieldType } from './structured-field.js'
export type { VerifiedSignature } from './verification.js'
export {
  type HttpVerification,
  type VerifyMessageOptions,
  type VerifyResponseOptions,
  verifyRequest,
  verifyResponse,
} from './verify.js'
