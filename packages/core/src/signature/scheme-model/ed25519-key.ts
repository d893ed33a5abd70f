/** The y coordinates, little-endian in hexadecimal, of the points whose order divides 8. */
const smallOrder: ReadonlySet<string> = /* @__PURE__ */ new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/**
 * Whether 32 bytes can be a public key of Ed25519: y below the prime of the field (RFC 8032 section 5.1.3), and no point of
 * small order, under which one signature is right for any message.
 */
export function isEd25519Key(raw: Uint8Array): boolean {
  const y = Buffer.from(raw)
  y[31]! &= 0x7f
  // The prime is 2^255 - 19: at or above it, all bytes are full but the first, which is at least 0xed.
  const isAbovePrime = y[0]! >= 0xed && y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff)
  return !isAbovePrime && !smallOrder.has(y.toString('hex'))
}
