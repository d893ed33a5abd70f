import type { AddressMatcher } from '@latchkey/core'
import { type IpRange, isWithinRange, readAddress, readRange } from './ip-range.js'

/** Ranges that are kept read. They come from records of keys, never from a request. */
const mostRanges = 10_000

/**
 * Tells IP addresses and CIDR ranges apart, IPv4 and IPv6: what `addresses` of `apiKeys` asks for.
 *
 * - `192.0.2.7` and `2001:db8::7` are ranges of one address; `192.0.2.7/24` is the same as `192.0.2.0/24`.
 * - An address that is IPv4 mapped into IPv6 (`::ffff:192.0.2.7`) is that IPv4 address, in a range (from `/96` on) as in a
 *   request. No IPv4 address is within another range of IPv6, `::/0` included.
 * - The zone of an address (`fe80::1%eth0`) is passed over; a range has none.
 * - Numbers with leading zeros, in octal or hexadecimal, and fewer than four of them, are no address.
 *
 * @example
 * ```ts
 * import { apiKeys, memoryStore } from '@latchkey/core'
 * import { ipAddresses } from '@latchkey/ip'
 *
 * const keys = apiKeys({ store: memoryStore(), prefix: 'acme', addresses: ipAddresses() })
 * await keys.issue({ ownerId: 'org_1', allowedIps: ['192.0.2.0/24', '2001:db8::/32'] })
 * ```
 */
export function ipAddresses(): AddressMatcher {
  const known = new Map<string, IpRange | undefined>()

  const rangeOf = (text: string): IpRange | undefined => {
    if (known.has(text)) return known.get(text)
    const range = readRange(text)
    known.set(text, range)
    if (known.size > mostRanges) known.delete(known.keys().next().value!)
    return range
  }

  return {
    isRange: (text) => readRange(text) !== undefined,
    isWithin: (text, ranges) => {
      const address = readAddress(text.replace(/%.*$/s, ''))
      if (address === undefined) return false
      return ranges.some((range) => {
        const read = rangeOf(range)
        return read !== undefined && isWithinRange(address, read)
      })
    },
  }
}
