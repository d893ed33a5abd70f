import type { NewQuota, RateLimit } from '@latchkey/core'
import { InvalidArgumentError } from 'commander'

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 }

/** Seconds from `90d`, `12h`, `30m`, `45s`, `2w`, `1y`, or a plain number of seconds. */
export function durationSeconds(text: string): number {
  const [, count, unit = 's'] = /^(\d{1,10})([smhdwy])?$/.exec(text) ?? []
  if (count === undefined) throw new InvalidArgumentError('A duration is a whole number and s, m, h, d, w or y: 90d.')
  return Number(count) * secondsOf[unit]!
}

/** A moment from an ISO 8601 date or time, or a duration from now; of a time without a zone UTC is meant. */
export function momentFrom(text: string, nowMs: number): Date {
  const [, day, time, zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(text) ?? []
  if (day !== undefined) {
    const found = new Date(`${day}T${time ?? '00:00'}${zone}`)
    // A day that no month has, such as 31 February, would count as one of the next month.
    const isThere = new Date(`${day}T00:00Z`)
    if (!Number.isNaN(found.getTime()) && !Number.isNaN(isThere.getTime()) && isThere.toISOString().startsWith(day)) {
      return found
    }
  }
  if (/^\d+[smhdwy]$/.test(text)) return new Date(nowMs + durationSeconds(text) * 1000)
  throw new InvalidArgumentError(
    'It is a date such as 2027-01-31, a time such as 2027-01-31T12:00Z, or a duration: 90d.',
  )
}

/** `100/60`: at most 100 requests in each 60 seconds; the second part may be a duration. */
export function rateFrom(text: string): RateLimit {
  const [limit, window, ...rest] = text.split('/')
  if (window === undefined || rest.length > 0) {
    throw new InvalidArgumentError('A rate is requests and seconds: 100/60, or 100/1m.')
  }
  return { limit: count(limit!), windowSeconds: durationSeconds(window) }
}

/** `1000`: so many requests, then no more; `1000/30d`: set to that number again every 30 days. */
export function quotaFrom(text: string): NewQuota {
  const [amountText, every, ...rest] = text.split('/')
  if (rest.length > 0) throw new InvalidArgumentError('A quota is a number, and how often it comes back: 1000/30d.')
  const amount = count(amountText!)
  return every === undefined
    ? { remaining: amount }
    : { remaining: amount, refill: { amount, everySeconds: durationSeconds(every) } }
}

/** A whole number from 0 up. */
export function count(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.')
  return Number(text)
}

/** Parts between commas, also over several uses of an option. */
export function list(text: string, before: readonly string[] = []): string[] {
  const parts = text.split(',').map((part) => part.trim())
  return [...before, ...parts.filter((part) => part !== '')]
}

/** Each use of an option, as it is. */
export function repeated(text: string, before: readonly string[] = []): string[] {
  return [...before, text]
}
