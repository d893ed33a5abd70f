const table = /* @__PURE__ */ new Int32Array(256).map((_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/**
 * CRC-32 as in ISO-HDLC (reflected, polynomial 0x04c11db7). It finds typing errors and torn records, and proves nothing
 * about who wrote them.
 *
 * @param previous the CRC of the bytes before, to go on from.
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  let crc = ~previous
  for (let at = 0; at < bytes.length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!
  return ~crc >>> 0
}

/** That of the first `length` characters of an ASCII text, which need not become bytes for it. */
export function asciiCrc32(text: string, length: number): number {
  let crc = ~0
  for (let at = 0; at < length; at++) crc = (crc >>> 8) ^ table[(crc ^ text.charCodeAt(at)) & 0xff]!
  return ~crc >>> 0
}
