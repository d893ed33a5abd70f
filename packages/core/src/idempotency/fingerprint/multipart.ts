/** Most bytes of one part's header section; more is no form. */
const maxPartHeadBytes = 16 * 1024

/** One part of a form: its header fields, sorted, and its bytes. */
export interface FormPart {
  /** `name: value` lines, names in lower case, sorted: field name, file name and type are in them. */
  readonly head: string
  readonly bytes: Uint8Array
}

/**
 * The parts of a `multipart/form-data` body (RFC 7578), in their order, or `undefined` where the body is not exactly a form
 * with this boundary: then its raw bytes count. Nothing is left out of what is returned but the boundary itself: a body
 * with a preamble or an epilogue, which readers ignore, is no form here.
 */
export function formParts(body: Uint8Array, contentType: string): readonly FormPart[] | undefined {
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) return undefined
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (!startsWith(bytes, 0, `--${boundary}`)) return undefined
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const parts: FormPart[] = []
  // Behind the delimiter of the part to come.
  let at = delimiter.length - 2
  while (startsWith(bytes, at, '\r\n')) {
    const end = bytes.indexOf(delimiter, at)
    if (end < 0) return undefined
    const part = partOf(bytes.subarray(at, end))
    if (part === undefined) return undefined
    parts.push(part)
    at = end + delimiter.length
  }
  const isClosed = startsWith(bytes, at, '--')
  const rest = bytes.length - at - 2
  return isClosed && (rest === 0 || (rest === 2 && startsWith(bytes, at + 2, '\r\n'))) ? parts : undefined
}

/** The boundary parameter (RFC 2046 section 5.1.1), quoted or a token. */
function boundaryOf(contentType: string): string | undefined {
  const match = /;[ \t]*boundary=(?:"([^"\\]{1,70})"|([^\s";,]{1,70}))[ \t]*(?:;|$)/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]
  return boundary !== undefined && /^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)
    ? boundary
    : undefined
}

function startsWith(bytes: Buffer, at: number, text: string): boolean {
  return bytes.toString('latin1', at, at + text.length) === text
}

/** A part, from the line break that ends its delimiter. */
function partOf(bytes: Buffer): FormPart | undefined {
  const end = bytes.subarray(0, maxPartHeadBytes).indexOf('\r\n\r\n')
  if (end < 0) return undefined
  const lines = bytes.toString('latin1', 2, end).split('\r\n').map(headerLine)
  if (!lines.some((line) => line?.startsWith('content-disposition: form-data'))) return undefined
  return lines.includes(undefined) ? undefined : { head: lines.sort().join('\n'), bytes: bytes.subarray(end + 4) }
}

/** One header line with its name in lower case and no white space around its value. */
function headerLine(line: string): string | undefined {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon)
  if (colon < 1 || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) || /[\r\n]/.test(line)) return undefined
  return `${name.toLowerCase()}: ${line.slice(colon + 1).trim()}`
}
