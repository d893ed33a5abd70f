/**
 * When a time-ordered key was made, in epoch milliseconds: a UUIDv7 (RFC 9562 section 5.7) or a ULID. `undefined` for any
 * other key: nothing is known of its age.
 */
export function keyCreatedAtMs(key: string): number | undefined {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(key)) {
    return Number.parseInt(key.slice(0, 8) + key.slice(9, 13), 16)
  }
  if (/^[0-7][0-9a-hjkmnp-tv-z]{25}$/i.test(key)) return ulidTimeMs(key.slice(0, 10).toLowerCase())
  return undefined
}

/** Crockford's base 32: the letters without i, l, o and u. */
const crockford = '0123456789abcdefghjkmnpqrstvwxyz'

/** The first ten characters of a ULID are its 48 bits of time. */
function ulidTimeMs(head: string): number {
  let timeMs = 0
  for (const character of head) timeMs = timeMs * 32 + crockford.indexOf(character)
  return timeMs
}
