import type { RequestHeaders } from '@latchkey/core'
import type { JWTPayload } from 'jose'
import { equalBytes, sha256, sha256Hasher } from './crypto.js'
import type { RemoteSignatureFault } from './fault.js'
import type { JwtKeys } from './jwt-keys.js'
import { parseToken, type TokenRules, type VerifiedToken, verifyToken } from './jwt-token.js'
import type { RemoteGrant, RemoteVerifier } from './remote-guard.js'
import { replayId } from './replay-id.js'

/** Where a token holds the SHA-256 of the body. */
export interface BodyDigestClaim {
  readonly claim: string
  readonly encoding: 'hex' | 'base64' | 'base64url'
}

/** What the handler learns about a message that came with a token. */
export interface JwtGrant extends RemoteGrant {
  /** `jti`, where there is one. */
  readonly id: string | undefined
  /** All that the token says. */
  readonly claims: JWTPayload
}

/** How messages with a token are verified. */
export interface JwtMessageRules extends TokenRules {
  readonly scheme: string
  /** In lower case. */
  readonly header: string
  /** What stands before the token. */
  readonly prefix: string
  readonly keys: JwtKeys
  /** `undefined`: the body is not signed. */
  readonly bodyDigest: BodyDigestClaim | undefined
  /** Sets endpoints apart that share a store. */
  readonly owner: string
}

/** The verifier of messages that come with a token. */
export function jwtMessages(rules: JwtMessageRules): RemoteVerifier<JwtGrant> {
  const { scheme, keys, bodyDigest, owner } = rules
  return {
    scheme,
    async begin({ headers }, nowMs, find) {
      const text = readField(headers, rules)
      if (typeof text !== 'object') return text
      const parsed = parseToken(text.token, rules)
      if (typeof parsed === 'string') return parsed
      const found = await find(() => keys(parsed))
      const token = await verifyToken(parsed, found, rules, nowMs)
      if (typeof token === 'string') return token
      const genuine = { grant: grantOf(scheme, token), replayIds: () => [replayId(scheme, owner, token.digest)] }
      if (bodyDigest === undefined) return { readsBody: false, feed: () => {}, finish: () => genuine }
      const wanted = digestIn(token.claims, bodyDigest)
      if (wanted === undefined) return 'wrong-claim'
      const hasher = sha256Hasher()
      let fedBytes = 0
      return {
        readsBody: true,
        feed(chunk) {
          hasher.update(chunk)
          fedBytes += chunk.length
        },
        finish(body) {
          // Where another guard has read the body before, no chunks came.
          const digest = fedBytes === body.length ? hasher.digest() : sha256(body)
          return equalBytes(digest, wanted) ? genuine : 'digest-mismatch'
        },
      }
    },
  }
}

function readField(
  headers: RequestHeaders,
  { header, prefix }: JwtMessageRules,
): { readonly token: string } | RemoteSignatureFault {
  const count = headers.count(header)
  if (count !== 1) return count === 0 ? 'missing' : 'duplicate'
  const value = headers.get(header) ?? ''
  // The scheme of a credential is in any case (RFC 9110 section 11.1).
  const isPrefixed = value.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase()
  return isPrefixed ? { token: value.slice(prefix.length) } : 'malformed'
}

function grantOf(scheme: string, { claims, issuedAtMs }: VerifiedToken): JwtGrant {
  const id = typeof claims.jti === 'string' ? claims.jti : undefined
  return { scheme, id, isIdSigned: id !== undefined, signedAtMs: issuedAtMs, claims }
}

/** The digest that a token holds, in its one spelling. */
function digestIn(claims: JWTPayload, { claim, encoding }: BodyDigestClaim): Buffer | undefined {
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  if (typeof value !== 'string') return undefined
  const bytes = Buffer.from(value, encoding)
  const isSpelt =
    encoding === 'hex' ? bytes.toString('hex') === value.toLowerCase() : bytes.toString(encoding) === value
  return isSpelt && bytes.length === 32 ? bytes : undefined
}
