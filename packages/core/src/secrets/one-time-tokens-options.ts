import { utf8 } from '../bytes.js'
import { ConfigurationError } from '../errors.js'
import type { Observe } from '../observe.js'
import { isFunction, isLine, OptionReader } from '../option-reader.js'
import type { OneTimeTokenEvent } from './one-time-token-event.js'
import type { HasTokenStore, TokenRecord, TokenStore } from './store.js'

/** Options of `oneTimeTokens`. */
export interface OneTimeTokensOptions {
  /** Where digests of tokens are kept. Its clock decides when a token expires. */
  readonly store: HasTokenStore
  /**
   * At least 32 bytes, a text as UTF-8, under which digests are HMACs: who has the store, but not this, cannot then tell whether a
   * token that they came across is in it. Another secret ends all tokens that are out.
   *
   * @defaultValue none: SHA-256
   */
  readonly secret?: Uint8Array | string
  /** Told when a token is issued, consumed, refused or revoked. @defaultValue nobody */
  readonly observe?: Observe<OneTimeTokenEvent>
}

/** Options of `issue`. */
export interface OneTimeTokenOptions {
  /**
   * JSON data of the application's own, at most 4096 characters of it, that `consume` gives back: an address to be confirmed, the
   * role that an invitation is for. It is kept in clear.
   *
   * @defaultValue `{}`
   */
  readonly data?: Readonly<Record<string, unknown>>
  /**
   * Whether earlier tokens of the same subject and purpose end with this one, so that at most one is good at a time.
   *
   * @defaultValue `false`
   */
  readonly replaces?: boolean
}

/** {@link OneTimeTokensOptions}, checked. */
export interface OneTimeTokensSettings {
  readonly store: TokenStore
  readonly secret: Uint8Array | undefined
  readonly observe: Observe<OneTimeTokenEvent> | undefined
}

const leastSecretBytes = 32
const mostDataCharacters = 4096
/** One year. */
const longestTtlSeconds = 31_536_000

/** @throws ConfigurationError naming the first option that does not fit. */
export function oneTimeTokensSettings(options: OneTimeTokensOptions): OneTimeTokensSettings {
  const read = new OptionReader('oneTimeTokens', options, ['store', 'secret', 'observe'])
  const secret = read.optional('secret', `at least ${leastSecretBytes} bytes, or a text of as many`, isSecret)
  return {
    store: read.required('store', 'a store with a part for tokens', isStore).tokens,
    // A copy: what the application does with its own bytes later must not change which tokens are good.
    secret: secret === undefined ? undefined : Uint8Array.from(secretBytes(secret)),
    observe: read.optional('observe', 'a function', isFunction<Observe<OneTimeTokenEvent>>),
  }
}

/** What `issue` is asked for, checked. */
export interface OneTimeTokenRequest extends Omit<TokenRecord, 'id'> {
  readonly ttlSeconds: number
  readonly replaces: boolean
}

/** @throws ConfigurationError naming what does not fit. */
export function readIssue(
  subject: string,
  purpose: string,
  ttlSeconds: number,
  options: OneTimeTokenOptions,
): OneTimeTokenRequest {
  const read = new OptionReader('issue', options, ['data', 'replaces'])
  const given = new OptionReader('issue', { ttlSeconds }, ['ttlSeconds'])
  return {
    subject: checkSubject('issue', subject),
    purpose: checkPurpose('issue', purpose),
    ttlSeconds: given.number('ttlSeconds', Number.NaN, 1, longestTtlSeconds),
    data: dataText(options.data ?? {}),
    replaces: read.boolean('replaces', false),
  }
}

/** @throws ConfigurationError where it is no subject. */
export function checkSubject(method: string, subject: unknown): string {
  const expected = 'a text of 1 to 255 characters, none of them a control character'
  return new OptionReader(method, { subject }, ['subject']).required('subject', expected, isLine)
}

/** @throws ConfigurationError where it is no purpose. */
export function checkPurpose(method: string, purpose: unknown): string {
  return new OptionReader(method, { purpose }, ['purpose']).required('purpose', '1 to 64 of [a-z0-9_.:-]', isPurpose)
}

function dataText(data: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch {
    // A circle or a BigInt.
  }
  if (text !== undefined && text.length <= mostDataCharacters && text.startsWith('{')) return text
  throw new ConfigurationError(
    'invalid-option',
    `issue: "data" must be an object of JSON data, at most ${mostDataCharacters} characters of it`,
  )
}

function isPurpose(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9_.:-]{1,64}$/.test(value)
}

/** `isView` and not `instanceof`: bytes from another realm are bytes too. */
function isSecret(value: unknown): value is Uint8Array | string {
  return (
    (typeof value === 'string' || ArrayBuffer.isView(value)) && secretBytes(value as string).length >= leastSecretBytes
  )
}

function secretBytes(secret: Uint8Array | string): Uint8Array {
  return typeof secret === 'string' ? utf8(secret) : secret
}

function isStore(value: unknown): value is HasTokenStore {
  const part = (value as Partial<HasTokenStore> | null)?.tokens
  return (['insert', 'consume', 'revokeAll'] as const).every((method) => typeof part?.[method] === 'function')
}
