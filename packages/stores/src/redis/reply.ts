/** A text in a reply, whichever way the client hands texts over. */
export function text(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString() : String(value)
}

/** Bytes of the caller's own: clients cut a reply out of what they have received, and all of that would live on with it. */
export function bytes(value: unknown): Uint8Array | undefined {
  return Buffer.isBuffer(value) ? new Uint8Array(value) : undefined
}

/** `undefined` where there is no number. */
export function number(value: unknown): number | undefined {
  const found = value === null || value === undefined ? Number.NaN : Number(text(value))
  return Number.isNaN(found) ? undefined : found
}

/** Whole milliseconds, as a script reads them. */
export function milliseconds(seconds: number): string {
  return String(Math.ceil(seconds * 1000))
}
