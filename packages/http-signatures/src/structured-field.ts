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

/** The field value in strict serialization; `undefined` where it is not of that type. */
export function strictValue(text: string, type: FieldType): string | undefined {
  return attempt(text, () => {
    if (type === 'item') return serializeItem(parseItem(text))
    return type === 'list' ? serializeList(parseList(text)) : serializeDictionary(uniqueDictionary(text))
  })
}

/** One member of a dictionary in strict serialization, without its key; `undefined` where it is not there. */
export function strictMember(text: string, key: string): string | undefined {
  return attempt(text, () => {
    const member = uniqueDictionary(text).get(key)
    return member === undefined ? undefined : serializeMember(member)
  })
}

function serializeMember(member: Item | InnerList): string {
  return isInnerList(member) ? serializeInnerList(member) : serializeItem(member)
}

/** The field lines as a list of byte sequences (RFC 9421 section 2.1.3). */
export function wrappedLines(lines: readonly string[]): string {
  return serializeList(lines.map((line) => [Buffer.from(line, 'latin1'), new Map()]))
}

function attempt(text: string, serialize: () => string | undefined): string | undefined {
  if (text.length > mostCharacters || hasWholeDecimal(text)) return undefined
  try {
    return serialize()
  } catch {
    return undefined
  }
}

/** `1.0` would be written as `1`, which is another value: the parser does not tell them apart. */
function hasWholeDecimal(text: string): boolean {
  return /(?:^|[=,( \t])-?\d{1,12}\.0{1,3}(?=$|[;,) \t])/.test(text.replace(quoted, ''))
}

/** @throws where a key comes twice: the application might read the first where the signer has signed the last. */
function uniqueDictionary(text: string): Dictionary {
  const dictionary = parseDictionary(text)
  const members = text.replace(quoted, '').split(',').length
  if (dictionary.size !== 0 && members !== dictionary.size) throw new TypeError('a key comes twice')
  return dictionary
}
