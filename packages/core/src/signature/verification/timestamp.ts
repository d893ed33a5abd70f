import type { TimestampUnit } from '../scheme-model/scheme.js'
import type { SignatureFault } from './fault.js'

/** Canonical decimals: no sign, no leading zero, no exponent; short enough to be a time and to be exact as a number. */
const seconds = /^(?:0|[1-9][0-9]{0,11})$/
const milliseconds = /^(?:0|[1-9][0-9]{0,14})$/
/** RFC 3339 section 5.6 in upper case, up to nanoseconds. */
const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(?:Z|([+-])([01]\d|2[0-3]):([0-5]\d))$/
const imfFixdate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/** The time in epoch milliseconds, or `undefined` where it is not in the exact grammar of its unit. */
export function parseTimestamp(text: string, unit: TimestampUnit): number | undefined {
  switch (unit) {
    case 's':
      return seconds.test(text) ? Number(text) * 1000 : undefined
    case 'ms':
      return milliseconds.test(text) ? Number(text) : undefined
    case 'rfc3339':
      return parseRfc3339(text)
    case 'imf-fixdate': {
      const ms = imfFixdate.test(text) ? Date.parse(text) : Number.NaN
      // The fixdate has one spelling a moment: a wrong weekday or a 31st of June is written otherwise.
      return !Number.isNaN(ms) && new Date(ms).toUTCString() === text ? ms : undefined
    }
  }
}

function parseRfc3339(text: string): number | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, local = '', fraction = '', sign, hours = '0', minutes = '0'] = match
  const ms = Date.parse(`${local}Z`)
  // A day that the month lacks is moved on by some engines and refused by others: here it is refused.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, local.length) !== local) return undefined
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  return ms - offsetMs + Math.floor(Number(`0${fraction}`) * 1000)
}

/** A time as its header field writes it. */
export function formatTimestamp(ms: number, unit: TimestampUnit): string {
  switch (unit) {
    case 's':
      return String(Math.floor(ms / 1000))
    case 'ms':
      return String(Math.floor(ms))
    case 'rfc3339':
      return new Date(ms).toISOString()
    case 'imf-fixdate':
      return new Date(ms).toUTCString()
  }
}

/**
 * Why a time is outside the tolerance, or `undefined` where it is inside. Both ways, borders included: a message from the
 * future would outlive the replay window. A time in whole seconds is compared with the clock's whole second, since its
 * sender has cut the rest off.
 */
export function judgeTime(
  signedAtMs: number,
  nowMs: number,
  unit: TimestampUnit,
  toleranceSeconds: number,
): SignatureFault | undefined {
  const isWholeSecond = unit === 's' || unit === 'imf-fixdate'
  const ageMs = (isWholeSecond ? Math.floor(nowMs / 1000) * 1000 : nowMs) - signedAtMs
  // Negated, so that a clock that answers NaN lets nothing in.
  if (!(ageMs <= toleranceSeconds * 1000)) return 'stale'
  return ageMs >= -toleranceSeconds * 1000 ? undefined : 'future'
}
