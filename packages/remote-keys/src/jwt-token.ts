import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose'
import { judgeAge } from './age.js'
import { sha256 } from './crypto.js'
import type { RemoteSignatureFault } from './fault.js'
import type { JwtAlgorithm, JwtKey, JwtKeys } from './jwt-keys.js'

/** What a token has to be like to count. */
export interface TokenRules {
  readonly algorithms: ReadonlySet<string>
  readonly issuer: readonly string[]
  readonly audience: readonly string[]
  /** Claims that must have exactly these values. */
  readonly claims: Readonly<Record<string, string | number | boolean>>
  /** Claims that must be there. */
  readonly requiredClaims: readonly string[]
  /** `0`: no time of issue is asked for. */
  readonly maxAgeSeconds: number
}

/** What a token says whose signature is right and which is in time. */
export interface VerifiedToken {
  readonly claims: JWTPayload
  /** Epoch milliseconds; `undefined` where it does not say. */
  readonly issuedAtMs: number | undefined
  /** SHA-256 of what is signed, base64url: of some signatures anybody can make a second one, of this nobody. */
  readonly digest: string
}

/** A token by its syntax, before any key is asked for. */
export interface ParsedToken {
  readonly text: string
  readonly alg: JwtAlgorithm
  readonly kid: string | undefined
}

const mostCharacters = 16_384

/** Seconds that clocks may be off for `exp` and `nbf`. */
const skewSeconds = 60

/** The header of a token, judged by itself. */
export function parseToken(text: string, { algorithms }: TokenRules): ParsedToken | RemoteSignatureFault {
  if (text.length > mostCharacters || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return 'malformed'
  try {
    const { alg, kid } = decodeProtectedHeader(text)
    if (typeof alg !== 'string') return 'malformed'
    if (!algorithms.has(alg)) return 'wrong-algorithm'
    if (kid !== undefined && (typeof kid !== 'string' || !/^[!-~]{1,255}$/.test(kid))) return 'malformed'
    return { text, alg: alg as JwtAlgorithm, kid }
  } catch {
    return 'malformed'
  }
}

/** Verifies a token under the keys that may have signed it: all are tried, with no early exit. */
export async function verifyToken(
  token: ParsedToken,
  keys: Awaited<ReturnType<JwtKeys>>,
  rules: TokenRules,
  nowMs: number,
): Promise<VerifiedToken | RemoteSignatureFault> {
  if (keys.length === 0) return 'unknown-key'
  const tried = await Promise.all(keys.map((key) => tryKey(token, key, rules, nowMs)))
  const claims = tried.find((each) => typeof each !== 'string')
  // A signature that is right for one key, and a claim that is wrong, says more than all the others.
  if (claims === undefined) return (tried as RemoteSignatureFault[]).find((fault) => fault !== 'mismatch') ?? 'mismatch'
  const issuedAtMs = timeOfIssue(claims as JWTPayload, rules, nowMs)
  if (typeof issuedAtMs === 'string') return issuedAtMs
  const content = token.text.slice(0, token.text.lastIndexOf('.'))
  return { claims: claims as JWTPayload, issuedAtMs, digest: sha256(content).toString('base64url') }
}

async function tryKey(
  { text, alg }: ParsedToken,
  key: JwtKey,
  { issuer, audience, claims, requiredClaims }: TokenRules,
  nowMs: number,
): Promise<JWTPayload | RemoteSignatureFault> {
  try {
    const { payload } = await jwtVerify(text, key, {
      algorithms: [alg],
      clockTolerance: skewSeconds,
      currentDate: new Date(nowMs),
      requiredClaims: [...requiredClaims],
      ...(issuer.length > 0 && { issuer: [...issuer] }),
      ...(audience.length > 0 && { audience: [...audience] }),
    })
    const isAsClaimed = Object.entries(claims).every(
      ([name, value]) => Object.hasOwn(payload, name) && payload[name] === value,
    )
    return isAsClaimed ? payload : 'wrong-claim'
  } catch (error) {
    return faultOf(error)
  }
}

function faultOf(error: unknown): RemoteSignatureFault {
  if (error instanceof errors.JWTExpired) return 'stale'
  if (error instanceof errors.JWTClaimValidationFailed) return error.claim === 'nbf' ? 'future' : 'wrong-claim'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed'
  // A key of another kind than the algorithm's signs nothing with it.
  return 'mismatch'
}

function timeOfIssue(
  { iat }: JWTPayload,
  { maxAgeSeconds }: TokenRules,
  nowMs: number,
): number | undefined | RemoteSignatureFault {
  if (iat === undefined) return maxAgeSeconds === 0 ? undefined : 'missing'
  if (!Number.isSafeInteger(iat) || iat < 0) return 'malformed'
  if (maxAgeSeconds === 0) return iat * 1000
  return judgeAge(iat * 1000, nowMs, 's', maxAgeSeconds) ?? iat * 1000
}
