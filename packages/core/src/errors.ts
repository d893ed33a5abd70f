/** Machine-readable names of configuration faults; each has a page in the documentation. */
export type ConfigurationCode =
  | 'invalid-option'
  | 'body-already-read'
  | 'no-caller'
  | 'mounted-twice'
  | 'grant-missing'
  | 'unsupported-client'
  | 'cannot-settle'

/**
 * Latchkey is used wrongly: an option is missing or impossible, or a middleware stands in the wrong place. Thrown at
 * construction wherever that is possible; the message names the option, what it must be and what came, and never a secret.
 */
export class ConfigurationError extends TypeError {
  override readonly name = 'ConfigurationError'
  readonly code: ConfigurationCode
  constructor(code: ConfigurationCode, message: string) {
    super(message)
    this.code = code
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
