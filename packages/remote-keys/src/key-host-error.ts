/**
 * What is wrong with a host of keys. `unreachable`: no connection, or one that broke; `timeout`: no whole answer in time; `status`:
 * an answer that says neither yes nor no, a redirect included; `too-large`: more bytes than a key has; `malformed`: no key in
 * what it hands out; `busy`: more fetches than are allowed at once or in a minute.
 */
export type KeyHostFault = 'unreachable' | 'timeout' | 'status' | 'too-large' | 'malformed' | 'busy'

/**
 * Keys cannot be had at the moment. Guards answer it with 503 `signature-unavailable`; the message is for observers, and holds
 * nothing secret.
 */
export class KeyHostError extends Error {
  override readonly name = 'KeyHostError'
  readonly fault: KeyHostFault
  constructor(fault: KeyHostFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
