import { makeRoom } from '../../make-room.js'
import type { OptionReader } from '../../option-reader.js'

/** How often one source may present what no key of ours is, an unknown id or a wrong secret: at most `limit` times in a window. */
export interface FailureThrottle {
  /** 1 to 1,000,000. @defaultValue `300` */
  readonly limit?: number
  /** 1 second to a day, from the first failure on. @defaultValue `60` */
  readonly windowSeconds?: number
}

/** {@link FailureThrottle}, complete. */
export type ThrottleRule = Required<FailureThrottle>

/** What a guard is held to unless it is told otherwise. */
export const usualThrottle: ThrottleRule = Object.freeze({ limit: 300, windowSeconds: 60 })

/**
 * `undefined`: nobody is held off.
 *
 * @throws ConfigurationError naming what does not fit.
 */
export function readFailureThrottle(
  read: OptionReader<{ readonly failureThrottle?: FailureThrottle | false | undefined }>,
  given: FailureThrottle | false | undefined,
  usual?: ThrottleRule,
): ThrottleRule | undefined {
  if (given === undefined) return usual
  if (given === false) return undefined
  const own = read.nested<FailureThrottle>('failureThrottle', ['limit', 'windowSeconds'])
  if (!own) throw read.fault('failureThrottle', '{ limit, windowSeconds } or false', given)
  return Object.freeze({
    limit: own.integer('limit', usualThrottle.limit, 1, 1_000_000),
    windowSeconds: own.integer('windowSeconds', usualThrottle.windowSeconds, 1, 86_400),
  })
}

interface Window {
  failures: number
  readonly startMs: number
  readonly endMs: number
}

/** Sources beyond so many within a window have the oldest forgotten. */
const mostSources = 100_000

/** How often each source has failed in its window: bounded, whatever comes from how many addresses. */
export class FailedAttempts {
  /** In the order in which the windows began. */
  readonly #windows = new Map<string, Window>()

  /** For how many more seconds, rounded up, a source is held off; 0: it is not. */
  secondsLeft(address: string | undefined, { limit }: ThrottleRule, nowMs: number): number {
    // Mostly nobody has failed: no address is then looked at.
    if (this.#windows.size === 0) return 0
    const source = sourceOf(address)
    const window = source === undefined ? undefined : this.#windows.get(source)
    if (window === undefined || window.failures < limit || !isOpen(window, nowMs)) return 0
    return Math.ceil((window.endMs - nowMs) / 1000)
  }

  /** Counts one failure of a source. Nobody knows which one an unknown address is: it has none. */
  note(address: string | undefined, { windowSeconds }: ThrottleRule, nowMs: number): void {
    const source = sourceOf(address)
    if (source === undefined) return
    const window = this.#windows.get(source)
    if (window !== undefined && isOpen(window, nowMs)) {
      window.failures++
      return
    }
    this.#windows.delete(source)
    this.#windows.set(source, { failures: 1, startMs: nowMs, endMs: nowMs + windowSeconds * 1000 })
    makeRoom(this.#windows, mostSources)
  }
}

/** A clock that was set back ends a window: nobody is held off until it has caught up. */
function isOpen({ startMs, endMs }: Window, nowMs: number): boolean {
  return startMs <= nowMs && nowMs < endMs
}

const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/

/**
 * Whose failures an address counts among: an IPv4 address is a source, and so is a /64 of IPv6, which is what one customer of a
 * network has at least. `undefined`: it is no address. The text is a new one: a part of a field would keep the whole field alive.
 */
export function sourceOf(address: string | undefined): string | undefined {
  if (typeof address !== 'string' || address.length > 100) return undefined
  if (!address.includes(':')) return sourceOfIPv4(address)
  const url = `http://[${address.split('%')[0]}]`
  if (!URL.canParse(url)) return undefined
  // The platform's one spelling of an IPv6 address (the URL standard, section 3.5), in brackets.
  const canonical = new URL(url).hostname.slice(1, -1)
  const [, high, low] = mapped.exec(canonical) ?? []
  if (high !== undefined) return pairs(high).concat(pairs(low!)).join('.')
  const [head, tail] = canonical.split('::').map((half) => half.split(':').filter((group) => group !== ''))
  const gap = tail === undefined ? [] : Array<string>(8 - head!.length - tail.length).fill('0')
  return `${[...head!, ...gap, ...(tail ?? [])].slice(0, 4).join(':')}::/64`
}

function sourceOfIPv4(address: string): string | undefined {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) return undefined
  const bytes = address.split('.').map(Number)
  return bytes.every((byte) => byte < 256) ? bytes.join('.') : undefined
}

/** The two bytes of a group of four hexadecimal digits. */
function pairs(group: string): number[] {
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 255]
}
