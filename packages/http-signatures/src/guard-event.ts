import type { MessageNotice } from '@latchkey/core'
import type { HttpSignatureFault } from './fault.js'
import type { VerifiedSignature } from './verification.js'

/** What `httpSignature` tells its observer. No event holds a key, a signature or a body. */
export type HttpSignatureEvent = { readonly scheme: 'rfc9421' } & (
  | { readonly type: 'signature.verified'; readonly signatures: readonly VerifiedSignature[] }
  | MessageNotice<HttpSignatureFault>
)
