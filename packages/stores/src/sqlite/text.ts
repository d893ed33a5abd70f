/** Opens a text that is stored in another spelling. */
const mark = '\u0001'

/**
 * A text in a spelling that every SQLite client gives back as it was. Almost every text is its own; one that holds a NUL, at which
 * libsql stops reading, or a lone surrogate, which UTF-8 has not, is stored as a JSON string. The spelling is unique, so that
 * texts can be looked up by it.
 */
export function storedText(text: string): string {
  const isPlain = !text.includes('\0') && !text.startsWith(mark) && !/\p{Surrogate}/u.test(text)
  return isPlain ? text : mark + JSON.stringify(text)
}

export function textFrom(stored: string): string {
  return stored.startsWith(mark) ? (JSON.parse(stored.slice(mark.length)) as string) : stored
}
