import {
  type Dictionary,
  type InnerList,
  type Item,
  isInnerList,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
  serializeList,
} from 'structured-headers'

/** The type of a structured field (RFC 9651 section 3). */
export type FieldType = 'item' | 'list' | 'dictionary'

/** Types of registered fields: without a field's type nobody can serialize it strictly (RFC 9421 section 2.1.1). */
export const knownFieldTypes: Readonly<Record<string, FieldType>> = {
  'accept-ch': 'list',
  'accept-signature': 'dictionary',
  'cache-status': 'list',
  'cdn-cache-control': 'dictionary',
  'client-cert': 'item',
  'client-cert-chain': 'list',
  'content-digest': 'dictionary',
  'idempotency-key': 'item',
  priority: 'dictionary',
  'proxy-status': 'list',
  'repr-digest': 'dictionary',
  signature: 'dictionary',
  'signature-input': 'dictionary',
  'want-content-digest': 'dictionary',
  'want-repr-digest': 'dictionary',
}

/** No field that we read is longer: what is parsed takes bounded time. */
const mostCharacters = 65_536

/** Strings and display strings, in which separators and spaces are text. */
const quoted = /%"[^"]*"|"(?:[^"\\]|\\.)*"/g

/**
 * A dictionary in its one spelling, but for spaces between its parts; `undefined` where it is malformed. What the parser takes
 * leniently is refused: a name or parameter that comes twice, `1.0` for an integer, a leading zero, another base64.
 */
export function strictDictionary(text: string): Dictionary | undefined {
  if (text.length > mostCharacters) return undefined
  try {
    const dictionary = parseDictionary(text)
    return compact(text) === compact(serializeDictionary(dictionary)) ? dictionary : undefined
  } catch {
    return undefined
  }
}

function compact(text: string): string {
  return text.replace(/(%"[^"]*"|"(?:[^"\\]|\\.)*")|[ \t]+/g, '$1')
}

/** A dictionary for `key` and `sf`; `undefined` where it is malformed, or a key comes twice: the first may be what is used. */
export function uniqueDictionary(text: string): Dictionary | undefined {
  return attempt(text, () => {
    const dictionary = parseDictionary(text)
    const members = text.replace(quoted, '').split(',').length
    return dictionary.size === members || dictionary.size === 0 ? dictionary : undefined
  })
}

/** The field value in strict serialization; `undefined` where it is not of that type. */
export function strictValue(text: string, type: FieldType): string | undefined {
  if (type === 'dictionary') {
    const dictionary = uniqueDictionary(text)
    return dictionary === undefined ? undefined : serializeDictionary(dictionary)
  }
  return attempt(text, () => (type === 'item' ? serializeItem(parseItem(text)) : serializeList(parseList(text))))
}

/** A member of a dictionary in strict serialization, without its key. */
export function serializeMember(member: Item | InnerList): string {
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member)
}

/** The field lines as a list of byte sequences (RFC 9421 section 2.1.3). */
export function wrappedLines(lines: readonly string[]): string {
  return serializeList(lines.map((line) => [Buffer.from(line, 'latin1'), new Map()]))
}

/** The text is looked at once it has been parsed: of well-formed quotes each has its end, and none is looked for twice. */
function attempt<Value>(text: string, parse: () => Value | undefined): Value | undefined {
  if (text.length > mostCharacters) return undefined
  try {
    const value = parse()
    return hasWholeDecimal(text) ? undefined : value
  } catch {
    return undefined
  }
}

/** `1.0` would be written as `1`, which is another value: the parser does not tell them apart. */
function hasWholeDecimal(text: string): boolean {
  return /(?:^|[=,( \t])-?\d{1,12}\.0{1,3}(?=$|[;,) \t])/.test(text.replace(quoted, ''))
}
