import { collisionProbability, passphrase, tokenHex, tokenUrlsafe } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { usageError } from './exit-codes.js'
import { facts, mayReveal, type OutputOptions, output, withJson, withReveal } from './output.js'
import { count } from './quantities.js'
import type { Session } from './session.js'

interface TokenOptions extends OutputOptions {
  readonly bytes: number
  readonly format: 'urlsafe' | 'hex'
  readonly weak?: boolean
}

interface PassphraseOptions extends OutputOptions {
  readonly words: number
  readonly separator: string
  readonly weak?: boolean
}

/** `latchkey token`, `passphrase` and `entropy`. */
export function addSecrets(program: Command, session: Session): void {
  const { io } = session
  const token = program
    .command('token')
    .description("a random secret: a pepper, a session's name, a signing secret")
    .option('--bytes <n>', 'bytes of entropy, 16 or more', count, 32)
    .addOption(new Option('--format <format>', 'how it is written').choices(['urlsafe', 'hex']).default('urlsafe'))
    .option('--weak', 'fewer than 16 bytes are meant')
  withReveal(token).action((options: TokenOptions) => {
    mayReveal(io, options)
    const make = options.format === 'hex' ? tokenHex : tokenUrlsafe
    const made = make(options.bytes, { acceptWeak: options.weak === true })
    output(io, options).result({ token: made, entropyBits: options.bytes * 8 }, () => made)
  })

  const words = program
    .command('passphrase')
    .description('words that people can remember and type, each drawn from 7,776')
    .option('--words <n>', 'how many, 5 or more', count, 5)
    .option('--separator <text>', 'what stands between them', ' ')
    .option('--weak', 'fewer than 5 words are meant')
  withReveal(words).action((options: PassphraseOptions) => {
    mayReveal(io, options)
    const made = passphrase(options.words, { separator: options.separator, acceptWeak: options.weak === true })
    output(io, options).result(made, () => made.phrase)
  })
  addEntropy(program, session)
}

interface EntropyOptions extends OutputOptions {
  readonly bytes?: number
  readonly words?: number
  readonly alphabet?: string
  readonly alphabetSize?: number
  readonly length?: number
  readonly count?: number
}

function addEntropy(program: Command, { io }: Session): void {
  const entropy = program
    .command('entropy')
    .description('how many bits a guesser has to guess: of random bytes, of words, or of characters from an alphabet')
    .option('--bytes <n>', 'of a token', count)
    .option('--words <n>', 'of a passphrase', count)
    .option('--alphabet <characters>', 'from which characters are drawn', undefined)
    .option('--alphabet-size <n>', 'the same, where only their number matters', count)
    .option('--length <n>', 'how many characters are drawn', count)
    .option('--count <n>', 'also: how likely two of so many are equal', count)
  withJson(entropy).action((options: EntropyOptions) => {
    const bits = entropyBits(options)
    const { count: values } = options
    const collision = values === undefined ? undefined : collisionProbability(values, bits)
    const verdict =
      bits >= 128 ? 'enough for any secret' : bits >= 64 ? 'enough where guesses are slowed down' : 'too few'
    output(io, options).result(
      { entropyBits: bits, ...(collision !== undefined && { collisionProbability: collision }) },
      () =>
        facts([
          ['entropy', `${Math.floor(bits * 10) / 10} bits`],
          ['verdict', verdict],
          ['collision', collision?.toPrecision(3)],
        ]),
    )
  })
}

const wordsOfList = 7776

/** @throws CommandError where not exactly one setting is described. */
export function entropyBits({ bytes, words, alphabet, alphabetSize, length }: EntropyOptions): number {
  const characters = alphabet === undefined ? alphabetSize : new Set(alphabet).size
  const described = [bytes, words, characters].filter((part) => part !== undefined)
  const isClear = described.length === 1 && !(alphabet !== undefined && alphabetSize !== undefined)
  if (!isClear || (characters === undefined) !== (length === undefined)) {
    throw usageError('describe one setting: --bytes, or --words, or --alphabet (or --alphabet-size) with --length')
  }
  if (characters !== undefined && characters < 2) throw usageError('an alphabet has at least two characters')
  const bits =
    bytes !== undefined
      ? bytes * 8
      : words !== undefined
        ? words * Math.log2(wordsOfList)
        : length! * Math.log2(characters!)
  if (bits === 0) throw usageError('of nothing there is no entropy')
  return bits
}
