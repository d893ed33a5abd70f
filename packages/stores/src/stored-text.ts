/** Opens a text that is stored in another spelling. */
const mark = '\u0001'

/**
 * A text in a spelling that every database and client gives back as it was. Almost every text is its own; one that holds a NUL, which
 * Postgres refuses and at which libsql stops reading, a lone surrogate, which UTF-8 has not, or a BOM in front, which PGlite drops, is
 * stored as a JSON string. The spelling is unique, so that texts can be looked up by it.
 */
export function storedText(text: string): string {
  const isMistakable = text.startsWith(mark) || text.startsWith('\ufeff')
  return !isMistakable && !text.includes('\0') && !/\p{Surrogate}/u.test(text) ? text : mark + JSON.stringify(text)
}

export function textFrom(stored: string): string {
  return stored.startsWith(mark) ? (JSON.parse(stored.slice(mark.length)) as string) : stored
}
