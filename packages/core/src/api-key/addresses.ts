/** Knows IP addresses and ranges, which core does not; `@latchkey/ip` has one. */
export interface AddressMatcher {
  /** Whether a text is an address or a CIDR range, IPv4 or IPv6. */
  isRange(text: string): boolean
  /** Whether the address is one of these addresses, or within one of these ranges. What is no address is within none. */
  isWithin(address: string, ranges: readonly string[]): boolean
}
