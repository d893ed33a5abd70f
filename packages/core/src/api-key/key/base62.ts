import { ConfigurationError } from '../../errors.js'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** The largest multiple of 62 that a byte can hold: what lies above would make the first characters likelier. */
const fairBytes = 248

/** Draws after which a source of randomness is taken to be stuck: a sound one needs more than two once in 10^40 times. */
const mostDraws = 100

/** Fills its argument with random bytes. */
export type RandomSource = (target: Uint8Array) => void

/** A whole number in base 62, padded with `0` to `width`. */
export function base62(value: number, width: number): string {
  let rest = value
  let text = ''
  while (text.length < width) {
    text = alphabet[rest % 62]! + text
    rest = Math.floor(rest / 62)
  }
  return text
}

/** By character code, for base 62 alone. */
const digits = /* @__PURE__ */ new Uint8Array(128).map((_, code) =>
  Math.max(0, alphabet.indexOf(String.fromCharCode(code))),
)

/** The number that the end of `text`, from `at` on, spells in base 62. All characters there are of the alphabet. */
export function fromBase62(text: string, at: number): number {
  let value = 0
  for (let place = at; place < text.length; place++) value = value * 62 + digits[text.charCodeAt(place)]!
  return value
}

/** So many characters, each as likely as any other: bytes that would bias the remainder are thrown away. */
export function randomBase62(length: number, random: RandomSource): string {
  const bytes = new Uint8Array(length + 16)
  for (let draw = 0, text = ''; draw < mostDraws; draw++) {
    random(bytes)
    for (const byte of bytes) {
      if (byte < fairBytes) text += alphabet[byte % 62]!
      if (text.length === length) {
        bytes.fill(0)
        return text
      }
    }
  }
  throw new ConfigurationError('invalid-option', 'apiKeys: "random" must fill its argument with random bytes')
}
