import type { SecretKey } from './algorithm.js'
import type { Credential } from './credential.js'
import type { Scheme } from './scheme.js'
import type { ContentTexts } from './signed-content.js'

/** What is needed to verify, besides the body. */
export interface EvaluationInput {
  readonly scheme: Scheme
  readonly credential: Credential
  /** At least one. */
  readonly keys: readonly SecretKey[]
  readonly texts: ContentTexts
  /** Epoch milliseconds. */
  readonly nowMs: number
  readonly toleranceSeconds: number | undefined
}
