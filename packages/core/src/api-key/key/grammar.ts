import { asciiCrc32 } from '../../crc32.js'
import { base62, fromBase62, type RandomSource, randomBase62 } from './base62.js'

/**
 * ```
 * key = prefix "_" environment "_" id "_" secret checksum
 * ```
 *
 * The id has 71 bits and is public; the secret has 256; the checksum finds typing errors before anything is hashed or
 * looked up. All characters are of `[0-9A-Za-z_]`, so that a double click selects the whole.
 */
const idLength = 12
const secretLength = 43
const checksumLength = 6

/** What follows prefix and environment: `_id_secretchecksum`. */
const tailLength = 1 + idLength + 1 + secretLength + checksumLength

/** A longer credential is refused unread. */
export const maxLength = 256

/**
 * The parts of a key as regular expressions, in the syntax that JavaScript, RE2 and Hyperscan share. Each is of bounded
 * length, so that a search looks at no character more often than a constant times.
 */
export const keyPatterns = {
  environment: '[a-z]{2,12}',
  id: `[0-9A-Za-z]{${idLength}}`,
  /** With the checksum. */
  secret: `[0-9A-Za-z]{${secretLength + checksumLength}}`,
  /** What is left of secret and checksum where the end of a key was cut off; of a whole key, all of it. */
  cutSecret: `[0-9A-Za-z]{1,${secretLength + checksumLength}}`,
} as const

/** The length of the longest key. */
export const longestKey = 20 + 1 + 12 + tailLength

/** The public parts of a key whose shape and checksum are right. Nothing is proven yet. */
export interface ParsedKey {
  readonly id: string
  readonly environment: string
}

/** 2 to 20 of `[a-z0-9_]`, starting with a letter, without `_` at the end or twice in a row. */
export function isPrefix(text: unknown): text is string {
  return typeof text === 'string' && text.length >= 2 && text.length <= 20 && /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(text)
}

export function isEnvironment(text: unknown): text is string {
  return typeof text === 'string' && /^[a-z]{2,12}$/.test(text)
}

export function isKeyId(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9A-Za-z]{12}$/.test(text)
}

/** A new id. */
export function drawKeyId(random: RandomSource): string {
  return randomBase62(idLength, random)
}

/** A new key. */
export function mintKey(prefix: string, environment: string, random: RandomSource): { id: string; key: string } {
  const id = drawKeyId(random)
  const body = `${prefix}_${environment}_${id}_${randomBase62(secretLength, random)}`
  return { id, key: body + checksumOf(body) }
}

/**
 * The parts of a key under one of `prefixes`, or `undefined` where it has not the shape of a key or a wrong checksum. Read
 * by fixed lengths from the right: a prefix may hold `_` itself.
 */
export function parseKey(text: string, prefixes: readonly string[]): ParsedKey | undefined {
  if (text.length > maxLength) return undefined
  const tail = text.slice(-tailLength)
  if (!/^_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/.test(tail)) return undefined
  const head = text.slice(0, -tailLength)
  const environment = environmentOf(head, prefixes)
  if (environment === undefined) return undefined
  const bodyLength = text.length - checksumLength
  if (asciiCrc32(text, bodyLength) !== fromBase62(text, bodyLength)) return undefined
  return { id: tail.slice(1, 1 + idLength), environment }
}

/** What follows one of the prefixes in `prefix_environment`. */
function environmentOf(head: string, prefixes: readonly string[]): string | undefined {
  for (const prefix of prefixes) {
    const rest = isUnder(prefix, head) ? head.slice(prefix.length + 1) : undefined
    if (isEnvironment(rest)) return rest
  }
  return undefined
}

function isUnder(prefix: string, text: string): boolean {
  return text.startsWith(prefix) && text[prefix.length] === '_'
}

/** Whether the text means to be a key of ours, whatever has become of the rest. */
export function hasPrefix(text: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => isUnder(prefix, text))
}

/** How a key is shown and logged: enough to tell which it is, nothing of its secret. A foreign key has no prefix of ours. */
export function displayKey({ prefix, environment, id }: { prefix: string; environment: string; id: string }): string {
  return `${prefix === '' ? '' : `${prefix}_`}${environment}_${id}_…`
}

/** The CRC-32 of every character before it; all of them are ASCII. */
function checksumOf(body: string): string {
  return base62(asciiCrc32(body, body.length), checksumLength)
}
