import { digestText, hmacText } from '../crypto.js'

/**
 * Within which set of keys a key is unique: one caller's, everybody's, or what a function of the application answered. The
 * three never meet, whatever their values are.
 */
export type RecordScope =
  | { readonly kind: 'caller'; readonly value: string }
  | { readonly kind: 'everyone' }
  | { readonly kind: 'custom'; readonly value: string }

/**
 * The id of the record of one key: SHA-256 over length-prefixed scope and key, or HMAC-SHA-256 under `secret`; 43
 * base64url characters. Exported so that an operator who is told a key can find its record.
 *
 * @param secret the guard's own `secret`, where it has one.
 *
 * @example
 * ```ts
 * import { recordId } from '@latchkey/core'
 *
 * const id = recordId({ kind: 'caller', value: 'alice' }, '7f1b0b9e-4c55-4d0a-9b0e-0a5bb2f6a1d3')
 * ```
 */
export function recordId(scope: RecordScope, key: string, secret?: Uint8Array | string): string {
  return keyedDigest(lengthPrefixed(['latchkey record 1', ...scopeParts(scope), key]), secret)
}

/** The digest of a scope alone: what a bounded store shares its room by. */
export function scopeId(scope: RecordScope, secret?: Uint8Array | string): string {
  return keyedDigest(lengthPrefixed(['latchkey scope 1', ...scopeParts(scope)]), secret)
}

function scopeParts(scope: RecordScope): readonly string[] {
  return scope.kind === 'everyone' ? [scope.kind] : [scope.kind, scope.value]
}

/**
 * Parts as one text that no other list of parts yields: each as a JSON string after its length. JSON because it writes
 * lone surrogates as escapes, which UTF-8 would all turn into the same replacement character.
 */
export function lengthPrefixed(parts: readonly string[]): string {
  let text = ''
  for (const part of parts) {
    const lexeme = isPlain(part) ? `"${part}"` : JSON.stringify(part)
    text += `${lexeme.length}:${lexeme}`
  }
  return text
}

/** Whether JSON has the text as it stands, between quotes: most texts are, and to find that out costs less. */
function isPlain(text: string): boolean {
  return /^[ !#-[\]-~]*$/.test(text)
}

/** SHA-256, or HMAC-SHA-256 under `secret`, in base64url. */
export function keyedDigest(text: string, secret: Uint8Array | string | undefined): string {
  return secret === undefined
    ? digestText('sha256', text, 'base64url')
    : hmacText('sha256', secretBytes(secret), text, 'base64url')
}

/** A secret that is given as text counts as its UTF-8 bytes. */
export function secretBytes(secret: Uint8Array | string): Uint8Array {
  return typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret
}
