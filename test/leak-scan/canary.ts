/** A value that nobody but its owner may see, and that is like no other text anywhere. */
export interface Canary {
  readonly name: string
  /** Parts of it, each long enough to be no accident: half a secret is a leak, too. */
  readonly needles: readonly string[]
}

const partLength = 16

/** The canary of a text: both its ends are looked for. */
export function canary(name: string, text: string): Canary {
  if (!/^[ -~]{16,}$/.test(text)) throw new Error(`the canary ${name} must be ASCII, and long enough to be no accident`)
  return { name, needles: [...new Set([text.slice(0, partLength), text.slice(-partLength)])] }
}

/** The canary of an API key: its secret and checksum; what stands before them is public. */
export function keyCanary(name: string, key: string): Canary {
  return canary(`the secret of ${name}`, key.slice(key.lastIndexOf('_') + 1))
}

/** A text in every spelling in which it could get out. */
export function spellings(text: string): string[] {
  const bytes = Buffer.from(text)
  const hex = bytes.toString('hex')
  const percent = hex.replaceAll(/../g, '%$&')
  const escaped = JSON.stringify(text).slice(1, -1)
  const base64 = [0, 1, 2].map((offset) => base64Within(bytes, offset))
  return [
    text,
    ...base64,
    ...base64.map((spelt) => spelt.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
    percent,
    percent.toUpperCase(),
    encodeURIComponent(text),
    escaped,
    JSON.stringify(escaped).slice(1, -1),
    [...text].map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    // As byte arrays are printed, once white space is left out.
    [...bytes].join(','),
    Buffer.from(text, 'utf16le').toString('latin1'),
  ]
}

/** What of its base64 does not depend on its neighbours, where it stands `offset` bytes behind a multiple of three. */
function base64Within(bytes: Buffer, offset: number): string {
  const spelt = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString('base64')
    .replaceAll('=', '')
  const isCut = (offset + bytes.length) % 3 !== 0
  return spelt.slice([0, 2, 3][offset], isCut ? -1 : undefined)
}

/** The names of the canaries that are in what a sink has got, in whatever spelling. */
export function found(content: Uint8Array, canaries: readonly Canary[]): string[] {
  const text = Buffer.from(content).toString('latin1')
  const squeezed = text.replaceAll(/\s+/g, '')
  const holds = (needle: string) => spellings(needle).some((spelt) => text.includes(spelt) || squeezed.includes(spelt))
  return canaries.filter(({ needles }) => needles.some(holds)).map(({ name }) => name)
}
