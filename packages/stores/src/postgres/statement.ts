import type { Statement } from './client.js'

/**
 * The time of a statement, as `now_ms` of `clock`. It is read once, when the statement has begun to look and not when its message or
 * its transaction began: no record that it sees is of a later time, and a long transaction of the application's does not stop
 * the clock.
 */
export const clock =
  'clock AS MATERIALIZED (SELECT coalesce($1::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) AS now_ms)'

/** A statement under a name of its own: a connection takes one text a name, and several stores can share a connection. */
export function named(operation: string, text: string): Statement {
  // FNV-1a.
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0
  }
  return { name: `latchkey_${operation}_${hash.toString(36)}`, text }
}

export function milliseconds(seconds: number): number {
  return Math.ceil(seconds * 1000)
}
