import { type Guard, OptionReader } from '@latchkey/core'
import { type JwtGrant, jwtMessages } from './jwt-messages.js'
import { type JwtSignatureOptions, type JwtSignatureRules, jwtRuleNames, jwtSettings } from './jwt-options.js'
import { remoteGuard, remoteGuardOptions, remoteGuardSettings } from './remote-guard.js'
import { remoteVerify, type VerifyRemote } from './remote-verify.js'

const guardKnown = { ...remoteGuardOptions, ...jwtRuleNames } as const satisfies Record<keyof JwtSignatureOptions, true>

/**
 * The guard for messages that come with a JSON Web Token (RFC 7519) in a header field: its signature, its age, its claims, and
 * the digest of the body in it. `fusionAuth`, `netlify`, `monday` and `googlePubSub` say how these four do it.
 *
 * The token is verified before the body is read; the body is hashed as it arrives.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 * import { jwtSignature, netlify } from '@latchkey/remote-keys'
 *
 * const { NETLIFY_SECRET = '' } = process.env
 * const guard = jwtSignature({ ...netlify, secrets: [NETLIFY_SECRET], store: memoryStore() })
 * export const fromNetlify = mount('signature', guard)
 * ```
 *
 * @throws ConfigurationError where an option is impossible; by rejection where something read the body before the guard, or
 * where it guards a request twice.
 */
export function jwtSignature(options: JwtSignatureOptions): Guard<JwtGrant> {
  const read = new OptionReader('jwtSignature', options, Object.keys(guardKnown) as (keyof JwtSignatureOptions)[])
  const settings = jwtSettings('jwtSignature', read)
  const signsNothing = settings.bodyDigest === undefined
  const { maxAgeSeconds } = settings
  return remoteGuard(remoteGuardSettings('jwtSignature', read, { maxAgeSeconds, signsNothing }), jwtMessages(settings))
}

/**
 * Verifies messages with a token that are in memory: all that the guard `jwtSignature` does but the replay window.
 *
 * @example
 * ```ts
 * import { jwtSignatureVerifier, netlify } from '@latchkey/remote-keys'
 *
 * export const verifierFor = (secret: string) => jwtSignatureVerifier({ ...netlify, secrets: [secret] })
 * ```
 *
 * @throws ConfigurationError where an option is impossible.
 */
export function jwtSignatureVerifier(options: JwtSignatureRules): VerifyRemote<JwtGrant> {
  const names = Object.keys(jwtRuleNames) as (keyof JwtSignatureRules)[]
  const settings = jwtSettings('jwtSignatureVerifier', new OptionReader('jwtSignatureVerifier', options, names))
  return remoteVerify(jwtMessages(settings), settings.now)
}
