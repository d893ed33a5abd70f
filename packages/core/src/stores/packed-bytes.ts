/**
 * Bytes as a text with one character a byte. V8 keeps a few hundred bytes in half the memory that way: a typed array costs
 * over 200 bytes besides its content. It is also a copy, so that no stored byte changes under the store.
 */
export function packBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** What was packed, in bytes of the caller's own. */
export function unpackBytes(packed: string): Uint8Array {
  return Buffer.from(packed, 'latin1')
}
