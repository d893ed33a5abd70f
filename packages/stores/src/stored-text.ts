/** Opens a text that is stored in another spelling. */
const spellingMark = '\u0001'

/**
 * A text in a spelling that every database and client gives back as it was. Almost every text is its own; one that holds a NUL, which
 * Postgres refuses and at which libsql stops reading, a lone surrogate, which UTF-8 has not, or a BOM in front, which PGlite drops, is
 * stored as a JSON string. The spelling is unique, so that texts can be looked up by it.
 */
export function storedText(text: string): string {
  const isMistakable = text.startsWith(spellingMark) || text.startsWith('\ufeff')
  return !isMistakable && !text.includes('\0') && !/\p{Surrogate}/u.test(text)
    ? text
    : spellingMark + JSON.stringify(text)
}

export function textFrom(stored: string): string {
  return stored.startsWith(spellingMark) ? (JSON.parse(stored.slice(spellingMark.length)) as string) : stored
}
