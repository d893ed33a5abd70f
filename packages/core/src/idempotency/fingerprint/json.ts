/** Deepest nesting that is canonicalised; it also bounds the recursion below. */
const maxDepth = 64

/**
 * The canonical text of a JSON body, or `undefined` where it has none: invalid JSON or UTF-8, a byte order mark, a name
 * twice in one object, nesting over 64.
 *
 * Two texts are canonically equal if they differ only in insignificant white space and in the order of members. The lexemes
 * stand as they were sent: `1.0` is not `1`, and `"A"` is not `"\u0041"`, because no double and no decoder in between
 * may decide that two requests are the same.
 */
export function canonicalJson(bytes: Uint8Array): string | undefined {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
  const reader = new Reader(text)
  const canonical = reader.document()
  return reader.hasFailed ? undefined : canonical
}

/** One pass over one text (RFC 8259). After a fault it reads on nothing and what it answers is void. */
class Reader {
  readonly #text: string
  readonly #literals = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
  #at = 0
  #hasFailed = false

  constructor(text: string) {
    this.#text = text
  }

  get hasFailed(): boolean {
    return this.#hasFailed
  }

  document(): string {
    const canonical = this.#value(0)
    this.#skipSpace()
    if (this.#at < this.#text.length) this.#fail()
    return canonical
  }

  #fail(): string {
    this.#hasFailed = true
    this.#at = this.#text.length
    return ''
  }

  #skipSpace(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.#at++
    }
  }

  /** Skips white space, then one character if it is `expected`. */
  #take(expected: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== expected) return false
    this.#at++
    return true
  }

  #value(depth: number): string {
    this.#skipSpace()
    switch (this.#text[this.#at]) {
      case '{':
        return depth < maxDepth ? this.#object(depth + 1) : this.#fail()
      case '[':
        return depth < maxDepth ? this.#array(depth + 1) : this.#fail()
      case '"':
        return this.#string()
      default:
        return this.#literal()
    }
  }

  #array(depth: number): string {
    this.#at++
    if (this.#take(']')) return '[]'
    let canonical = ''
    do {
      canonical += (canonical === '' ? '[' : ',') + this.#value(depth)
    } while (this.#take(','))
    return this.#take(']') ? `${canonical}]` : this.#fail()
  }

  #object(depth: number): string {
    this.#at++
    if (this.#take('}')) return '{}'
    const members = new Map<string, string>()
    do {
      this.#skipSpace()
      if (this.#text[this.#at] !== '"') return this.#fail()
      const name = this.#string()
      if (members.has(name) || !this.#take(':')) return this.#fail()
      members.set(name, this.#value(depth))
    } while (this.#take(','))
    if (!this.#take('}')) return this.#fail()
    const names = [...members.keys()].sort()
    if (hasEscapedDuplicate(names)) return this.#fail()
    let canonical = ''
    for (const name of names) canonical += `${canonical === '' ? '{' : ','}${name}:${members.get(name)}`
    return `${canonical}}`
  }

  /** A string's lexeme, quotes and escapes as they were sent. */
  #string(): string {
    const start = this.#at++
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      // NaN, the end of the text, is neither under 0x20 nor over.
      if (!(code >= 0x20)) return this.#fail()
      this.#at++
      if (code === 0x22) return this.#text.slice(start, this.#at)
      if (code === 0x5c && !this.#escape()) return this.#fail()
    }
  }

  #escape(): boolean {
    const kind = this.#text[this.#at++]
    if (kind === undefined) return false
    if (kind !== 'u') return '"\\/bfnrt'.includes(kind)
    const start = this.#at
    this.#at += 4
    return /^[0-9a-fA-F]{4}$/.test(this.#text.slice(start, this.#at))
  }

  /** A number, `true`, `false` or `null`. */
  #literal(): string {
    this.#literals.lastIndex = this.#at
    const match = this.#literals.exec(this.#text)
    if (match === null) return this.#fail()
    this.#at = this.#literals.lastIndex
    return match[0]
  }
}

/** Whether two different lexemes are the same name: parsers then differ on which of the members wins. */
function hasEscapedDuplicate(names: readonly string[]): boolean {
  if (!names.some((name) => name.includes('\\'))) return false
  return new Set(names.map((name): unknown => JSON.parse(name))).size < names.length
}
