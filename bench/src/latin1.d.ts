// What Node has and its types leave out: digests as latin1 text, which costs a third of a Buffer, and the methods to which
// `toString` and `write` come down.
export {}

declare global {
  interface Buffer {
    base64urlSlice(start: number, end: number): string
    latin1Slice(start: number, end: number): string
    latin1Write(text: string, offset: number, length?: number): number
  }
}

declare module 'crypto' {
  function hash(algorithm: string, data: string | NodeJS.ArrayBufferView, encoding: 'latin1'): string
  interface Hmac {
    digest(encoding: 'latin1'): string
  }
}
