import type { SignatureFault } from '@latchkey/core'

/**
 * What is wrong with a message. Clients are told none of it: every fault is the same 401.
 *
 * Those of `signature`, and: `untrusted-url`: the certificate is said to be somewhere else than where the provider keeps them;
 * `unknown-topic`: not one of the topics that are expected; `wrong-algorithm`: another than those that count; `wrong-claim`: a
 * claim of a JWT is absent or not what it has to be; `digest-mismatch`: the body is not the one whose digest is signed.
 */
export type RemoteSignatureFault =
  | SignatureFault
  | 'untrusted-url'
  | 'unknown-topic'
  | 'wrong-algorithm'
  | 'wrong-claim'
  | 'digest-mismatch'
