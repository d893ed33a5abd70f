import { StoreError } from '@latchkey/core'

/** A text in a reply, whichever way the client hands texts over. */
export function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : String(value)
}

/** Bytes of the caller's own: clients cut a reply out of what they have received, and all of that would live on with it. */
export function bytes(value: unknown): Uint8Array | undefined {
  return Buffer.isBuffer(value) ? new Uint8Array(value) : undefined
}

/** `undefined` where there is no number. */
export function number(value: unknown): number | undefined {
  const found = value === null || value === undefined ? Number.NaN : Number(text(value))
  return Number.isNaN(found) ? undefined : found
}

/** Whole milliseconds, as a script reads them. */
export function milliseconds(seconds: number): string {
  return String(Math.ceil(seconds * 1000))
}

/**
 * One of the words that a script answers with. Anything else was not meant for it: a client or a proxy that has lost count of its replies
 * hands out those of others.
 *
 * @throws `StoreError` `unavailable`, so that nothing is taken for done.
 */
export function wordIn<Word extends string>(value: unknown, words: readonly Word[]): Word {
  const found = words.find((word) => !Array.isArray(value) && word === text(value))
  if (found !== undefined) return found
  throw new StoreError('unavailable', 'Redis has answered something else than it was asked')
}

/** What fenced writes are answered with. */
export const writes = ['ok', 'stale'] as const
