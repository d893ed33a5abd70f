import { ConfigurationError, isFunction, type OptionReader } from '@latchkey/core'
import { sha256 } from './crypto.js'
import { isMac, type JwtAlgorithm, type JwtKeys, jwtAlgorithms, pemKeys, secretKeys, setKeys } from './jwt-keys.js'
import type { BodyDigestClaim, JwtMessageRules } from './jwt-messages.js'
import type { RemoteGuardOptions } from './remote-guard.js'
import type { RemoteJwks } from './remote-jwks.js'

/** How a sender signs with a JSON Web Token (RFC 7519). */
export interface JwtSignatureRules {
  /** Lower case and hyphens: names the sender in events and in the replay window. */
  readonly name: string
  /** The header field with the token. */
  readonly header: string
  /** What stands before the token, as `'Bearer '`. @defaultValue nothing */
  readonly prefix?: string
  /** The algorithms that count: those with secrets (`HS…`), or those with public keys, and never both. */
  readonly algorithms: readonly JwtAlgorithm[]
  /** Secrets for `HS…`, of which any may match; a text counts as its UTF-8 bytes. */
  readonly secrets?: readonly (string | Uint8Array)[]
  /** Public keys in PEM, of which any may match, or a set at a URL (`remoteJwks`). Keys in the token itself never count. */
  readonly publicKeys?: readonly string[] | RemoteJwks
  /**
   * The claim with the SHA-256 of the body; `'unsigned'`: the token says nothing about the body.
   *
   * @remarks Insecure if it is `'unsigned'` and the body matters: whoever sees one token can send any body with it until it
   * expires. `audience` is required then, and there is no replay window, since nothing tells messages apart.
   */
  readonly bodyDigest: BodyDigestClaim | 'unsigned'
  /** Most seconds since `iat`, and 300 s that clocks may be off. `0`: no time of issue is asked for; `exp` counts where it is there. */
  readonly maxAgeSeconds: number
  /** Who must have issued the token (`iss`), or several of whom any may. @defaultValue anybody who has the key */
  readonly issuer?: string | readonly string[]
  /** For whom the token must be (`aud`), or several of whom any may. @defaultValue anybody */
  readonly audience?: string | readonly string[]
  /** Further claims and the one value that each must have. @defaultValue none */
  readonly claims?: Readonly<Record<string, string | number | boolean>>
  /** Further claims that must be there. @defaultValue none */
  readonly requiredClaims?: readonly string[]
  /** The clock, in epoch milliseconds. @defaultValue `Date.now` */
  readonly now?: () => number
}

/** Options of the guard `jwtSignature`: these, and those of `signature` for the replay window, bodies and answers. */
export interface JwtSignatureOptions extends JwtSignatureRules, Omit<RemoteGuardOptions, 'now'> {}

/** Every option; the compiler sees to it that none is missing. */
export const jwtRuleNames = {
  name: true,
  header: true,
  prefix: true,
  algorithms: true,
  secrets: true,
  publicKeys: true,
  bodyDigest: true,
  maxAgeSeconds: true,
  issuer: true,
  audience: true,
  claims: true,
  requiredClaims: true,
  now: true,
} as const satisfies Record<keyof JwtSignatureRules, true>

/** {@link JwtSignatureRules}, checked and complete. */
export interface JwtSettings extends JwtMessageRules {
  readonly now: () => number
}

/** @throws ConfigurationError naming the first option that does not fit. */
export function jwtSettings(factory: string, read: OptionReader<JwtSignatureRules>): JwtSettings {
  const scheme = read.required('name', 'lower-case words with hyphens', isName)
  const algorithms = read.required('algorithms', `a list of at least one of ${jwtAlgorithms.join(', ')}`, areAlgorithms)
  const digest = read.required('bodyDigest', "{ claim, encoding }, or 'unsigned'", isBodyDigest)
  const audience = textsOf(read.optional('audience', 'a text, or a list of at least one', isTexts))
  if (digest === 'unsigned' && audience.length === 0) {
    throw read.fault('audience', 'who the token is for, where it does not sign the body', undefined)
  }
  const keys = keysOf(factory, read, algorithms)
  return {
    scheme,
    header: read.required('header', 'the name of a header field', isFieldName).toLowerCase(),
    prefix: read.optional('prefix', 'a text', isText) ?? '',
    algorithms: new Set(algorithms),
    keys: keys.find,
    owner: keys.owner,
    bodyDigest: digest === 'unsigned' ? undefined : digest,
    maxAgeSeconds: read.number('maxAgeSeconds', undefined, 0, 31_536_000),
    issuer: textsOf(read.optional('issuer', 'a text, or a list of at least one', isTexts)),
    audience,
    claims: read.optional('claims', 'an object of texts, numbers and booleans', areClaims) ?? {},
    requiredClaims: textsOf(read.optional('requiredClaims', 'a list of names', isTexts)),
    now: read.optional('now', 'a function', isFunction<() => number>) ?? (() => Date.now()),
  }
}

/** A public key is never a secret: whoever takes one for the other lets anybody sign. So the two kinds never mix. */
function keysOf(
  factory: string,
  read: OptionReader<JwtSignatureRules>,
  algorithms: readonly JwtAlgorithm[],
): { readonly find: JwtKeys; readonly owner: string } {
  const secrets = read.optional('secrets', 'a list of at least one secret', isList<string | Uint8Array>)
  const publicKeys = read.optional('publicKeys', 'a list of keys in PEM, or remoteJwks(…)', isKeys)
  const wants = algorithms.every(isMac) ? 'secrets' : algorithms.some(isMac) ? undefined : 'publicKeys'
  if (wants === undefined) throw read.fault('algorithms', 'all of HS…, or none of them', algorithms)
  if (wants === 'secrets' ? publicKeys !== undefined : secrets !== undefined) {
    throw new ConfigurationError('invalid-option', `${factory}: these algorithms take "${wants}", and nothing else`)
  }
  if (wants === 'secrets' && secrets !== undefined) {
    return { find: secretKeys(factory, secrets), owner: sha256(Buffer.from(secrets[0]!)).toString('base64url') }
  }
  if (publicKeys === undefined) throw read.fault(wants, 'given for these algorithms', undefined)
  // A list has a method of that name, too.
  if (!Array.isArray(publicKeys)) return { find: setKeys(publicKeys as RemoteJwks), owner: '' }
  return { find: pemKeys(factory, publicKeys as readonly string[]), owner: '' }
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(value)
}

function isFieldName(value: unknown): value is string {
  return typeof value === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isTexts(value: unknown): value is string | readonly string[] {
  return isList<string>(value) ? value.every((each) => isText(each) && each !== '') : isText(value) && value !== ''
}

function textsOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : [value].flat()
}

function isList<Item>(value: unknown): value is readonly Item[] {
  return Array.isArray(value) && value.length > 0
}

function areAlgorithms(value: unknown): value is readonly JwtAlgorithm[] {
  return isList(value) && value.every((each) => (jwtAlgorithms as readonly unknown[]).includes(each))
}

function isBodyDigest(value: unknown): value is BodyDigestClaim | 'unsigned' {
  if (value === 'unsigned') return true
  if (typeof value !== 'object' || value === null || !('claim' in value) || !('encoding' in value)) return false
  return isText(value.claim) && value.claim !== '' && ['hex', 'base64', 'base64url'].includes(String(value.encoding))
}

function isKeys(value: unknown): value is readonly string[] | RemoteJwks {
  if (Array.isArray(value)) return value.length > 0
  return typeof value === 'object' && value !== null && 'keys' in value && isFunction(value.keys)
}

function areClaims(value: unknown): value is Readonly<Record<string, string | number | boolean>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((each) => ['string', 'number', 'boolean'].includes(typeof each))
  )
}
