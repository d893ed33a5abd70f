import ipaddr from 'ipaddr.js'

/** An IPv4 or an IPv6 address. One that is IPv4 mapped into IPv6 is IPv4, however it is written (RFC 4291 section 2.5.5.2). */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** Every address that begins with the same bits. */
export interface IpRange {
  readonly address: Address
  readonly bits: number
}

const longest = 64

/**
 * The address that a text is: of IPv4 four decimal numbers without leading zeros, of IPv6 what RFC 4291 section 2.2 has.
 * Everything else that some programs read as an address (octal, hexadecimal, fewer numbers) others read as a different one.
 */
export function readAddress(text: string): Address | undefined {
  const address = parsed(text)
  return address?.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress()
    ? (address as ipaddr.IPv6).toIPv4Address()
    : address
}

/** The range that a text is: an address alone, or with the number of its leading bits that count; the others are passed over. */
export function readRange(text: string): IpRange | undefined {
  const [base, length, ...rest] = text.split('/')
  const address = parsed(base!)
  if (address === undefined || rest.length > 0) return undefined
  const width = address.kind() === 'ipv4' ? 32 : 128
  if (length !== undefined && (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > width)) return undefined
  const bits = length === undefined ? width : Number(length)
  const isMapped = bits >= 96 && address.kind() === 'ipv6' && (address as ipaddr.IPv6).isIPv4MappedAddress()
  return isMapped ? { address: (address as ipaddr.IPv6).toIPv4Address(), bits: bits - 96 } : { address, bits }
}

/** Whether the address is within the range: never where one is IPv4 and the other IPv6. */
export function isWithinRange(address: Address, range: IpRange): boolean {
  return address.kind() === range.address.kind() && address.match(range.address, range.bits)
}

function parsed(text: string): Address | undefined {
  if (text.length > longest) return undefined
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  const groups = withoutDots(text)
  return groups !== undefined && ipaddr.IPv6.isValid(groups) ? ipaddr.IPv6.parse(groups) : undefined
}

/**
 * An IPv6 address with its last 32 bits in hexadecimal, if they were four decimal numbers. The library would take leading zeros
 * for octal there, and `::192.0.2.1` for an address that is mapped.
 */
function withoutDots(text: string): string | undefined {
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return undefined
  const at = text.lastIndexOf(':') + 1
  const tail = text.slice(at)
  if (!tail.includes('.')) return text
  if (!ipaddr.IPv4.isValidFourPartDecimal(tail)) return undefined
  const [a = 0, b = 0, c = 0, d = 0] = ipaddr.IPv4.parse(tail).octets
  return `${text.slice(0, at)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
}
