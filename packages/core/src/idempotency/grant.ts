import { TokenSource } from '../token-source.js'
import { keyedDigest, lengthPrefixed } from './record-id.js'

/** What `idempotency` hands to the handler. */
export interface IdempotencyGrant {
  /** Whether the request is protected: not without a key, not on other methods, and not where a failing store is bypassed. */
  readonly isProtected: boolean
  /**
   * Which attempt at this request runs: 1, 2, …; 0 where it is not protected. Store it with the handler's own writes and
   * refuse lower ones there: an attempt that was overtaken may still be writing.
   */
  readonly attempt: number
  /** Fires when another attempt has taken over: whatever this one still does is not going to count. */
  readonly signal: AbortSignal
  /** Says that the effects are out: whatever the handler answers now is stored, be it a 5xx or a throw. */
  pin(): void
  /** Says that the reply is made over time and must reach the client as it is made. It is not kept for a replay. */
  live(): void
  /** Says that the reply holds a secret that must not be stored. It is not kept for a replay. */
  secretReply(): void
  /**
   * A key for the handler's own call to another service: the same in every attempt at this request, different for each
   * label. Where the request has no key, the same only within it.
   */
  derivedKey(label: string): string
}

/** A key that is bound to a record and a label and tells neither. */
export function derivedKey(id: string, label: string, secret: Uint8Array | undefined): string {
  return keyedDigest(lengthPrefixed(['latchkey derived key 1', id, label]), secret)
}

/** @param id the record's, where the request has a key but the store was bypassed. */
export function unprotectedGrant(id?: string, secret?: Uint8Array): IdempotencyGrant {
  let source = id
  let signal: AbortSignal | undefined
  return {
    isProtected: false,
    attempt: 0,
    get signal() {
      signal ??= new AbortController().signal
      return signal
    },
    pin: () => {},
    live: () => {},
    secretReply: () => {},
    derivedKey: (label) => {
      source ??= new TokenSource(1).next()
      return derivedKey(source, label, secret)
    },
  }
}
