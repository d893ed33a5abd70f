import type { BodyFault } from '../../guard.js'
import type { RefusalCode } from '../../problem.js'

/**
 * Why a message does not count as GitHub's. `missing`, `duplicate`, `malformed`: a field of the signature; `unknown-key`:
 * GitHub has no such public key; `mismatch`: not signed with it; `unreadable`: signed, and no list of findings.
 */
export type SecretScanningFault = 'missing' | 'duplicate' | 'malformed' | 'unknown-key' | 'mismatch' | 'unreadable'

/** What `githubSecretScanning` tells its observer. No event holds a key. */
export type SecretScanningEvent =
  /** A key whose secret was proven is public: tell its owner. A message that comes again is told again. */
  | {
      readonly type: 'api-key.exposed'
      readonly keyId: string
      /**
       * `revoked`: just now; `was-revoked`: before, or there is no such key any more; `kept`: `revoke` is `false`; `failed`:
       * the store did not do it, and the key is valid.
       */
      readonly outcome: 'revoked' | 'was-revoked' | 'kept' | 'failed'
      /** Where it was found; any key in it is redacted. Empty where GitHub gives no URL. */
      readonly url: string
      /** In what: `content`, `commit`, `issue_comment`, `npm`, … */
      readonly source: string
    }
  /** A genuine message was answered: how many findings it had, and how many of them were keys of ours. */
  | { readonly type: 'secret-scanning.answered'; readonly findings: number; readonly exposed: number }
  /** The guard answered with a problem; the reason is known here alone. */
  | {
      readonly type: 'secret-scanning.refused'
      readonly code: RefusalCode
      readonly reason: SecretScanningFault | BodyFault | 'public-keys-unavailable' | 'store-unavailable'
    }
  /** GitHub's public keys could not be had; those at hand go on being used for up to a day. */
  | { readonly type: 'secret-scanning.public_keys_failed'; readonly error: unknown }
  /** The store failed or was late for one of the findings. The others are dealt with, and the message is answered with 503. */
  | { readonly type: 'secret-scanning.store_failed'; readonly error: unknown }
