/** Machine-readable names of configuration faults; each has a page in the documentation. */
export type ConfigurationCode =
  | 'invalid-option'
  | 'body-already-read'
  | 'no-caller'
  | 'mounted-twice'
  | 'grant-missing'
  | 'unsupported-client'
  | 'cannot-settle'

/** Which option does not fit, and what it must be. Not what came: this much can be told to whoever sent it. */
export interface OptionFault {
  /** Its name; inside of another, after that one's and a dot. */
  readonly option: string
  readonly expected: string
}

/**
 * Latchkey is used wrongly: an option is missing or impossible, or a middleware stands in the wrong place. Thrown at
 * construction wherever that is possible; the message names the option, what it must be and what came, and never a secret.
 */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError'
  readonly code: ConfigurationCode
  /** Where one option alone is at fault. */
  readonly fault: OptionFault | undefined
  constructor(code: ConfigurationCode, message: string, fault?: OptionFault) {
    super(message)
    this.code = code
    this.fault = fault
  }
}

/** `timeout`: no answer within the bound; `full`: a bounded store has no room; `corrupt`: a record cannot be read. */
export type StoreFault = 'unavailable' | 'timeout' | 'full' | 'corrupt'

/** A store failed. Guards answer it with 503; its message and cause are for observers and never reach a client. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly fault: StoreFault
  constructor(fault: StoreFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}

/**
 * Another attempt has taken the request over. `settleIn` throws it inside the handler's transaction, which is rolled back with
 * it; whatever the handler answers then, the client gets 409 `idempotency-lease-lost`.
 */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
  constructor() {
    super('Another attempt has taken this request over: roll back, nothing of this attempt may count')
  }
}
