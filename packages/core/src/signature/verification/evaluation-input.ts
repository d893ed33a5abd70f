import type { SecretKey } from '../scheme-model/algorithm.js'
import type { Scheme } from '../scheme-model/scheme.js'
import type { Credential } from './credential.js'
import type { ContentParts } from './signed-content.js'

/** What is needed to verify, besides the body. */
export interface EvaluationInput {
  readonly scheme: Scheme
  readonly credential: Credential
  /** At least one. */
  readonly keys: readonly SecretKey[]
  /** What is signed, once for each URL that the sender may have been given; the message is known by the first. */
  readonly parts: readonly [ContentParts, ...ContentParts[]]
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly toleranceSeconds: number | undefined
}
