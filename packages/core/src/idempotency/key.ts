/** Most bytes of a key after unquoting. */
const maxKeyBytes = 255

/** The longest field that can hold a key: every byte escaped, and two quotes. Longer ones are refused unread. */
const maxFieldLength = 2 * maxKeyBytes + 2

/**
 * The key in an `Idempotency-Key` field, or `undefined` where the field is malformed, empty, blank or too long.
 *
 * The quoted form is the draft's (draft-ietf-httpapi-idempotency-key-header-07 section 2.1, an RFC 9651 String without
 * parameters); the bare form is what deployed clients send. `"k"` and `k` are the same key. Nothing is trimmed, decoded or
 * folded: other bytes are another key.
 *
 * @param strictSyntax takes the quoted form alone.
 */
export function parseKey(field: string, strictSyntax: boolean): string | undefined {
  if (field.length === 0 || field.length > maxFieldLength) return undefined
  const key = field.startsWith('"') ? unquote(field) : strictSyntax ? undefined : bare(field)
  return key !== undefined && key.length <= maxKeyBytes && /[^ ]/.test(key) ? key : undefined
}

/** Visible ASCII without the quote (the quoted form's own) and the comma (which joins repeated fields). */
function bare(field: string): string | undefined {
  return /^[!#-+\--~]+$/.test(field) ? field : undefined
}

/** The text of an RFC 9651 String (section 4.2.5): 0x20 to 0x7E, of which only `"` and `\` are escaped, and always. */
function unquote(field: string): string | undefined {
  if (!/^"(?:[ !#-[\]-~]|\\["\\])*"$/.test(field)) return undefined
  return field.slice(1, -1).replace(/\\(["\\])/g, '$1')
}
