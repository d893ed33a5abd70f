import type { Awaitable } from '@latchkey/core'
import { type Claim, countingCandidates, readClaim } from './claim.js'
import { type DigestCheck, digestCheck } from './content-digest.js'
import { digest, type HttpSignatureAlgorithm, isRight } from './crypto.js'
import type { HttpSignatureFault } from './fault.js'
import type { Message } from './http-message.js'
import type { VerificationKey } from './key.js'
import { fittingKeys, foundKeys, type KeyResolver } from './key-source.js'
import { MessageReader } from './message-reader.js'
import type { PolicySettings } from './policy.js'
import { faultOfClaim } from './policy-check.js'
import { signatureBase } from './signature-base.js'
import type { FieldType } from './structured-field.js'

/** A signature that has been found right, and what it vouches for. */
export interface VerifiedSignature {
  readonly label: string
  readonly keyid: string | undefined
  readonly algorithm: HttpSignatureAlgorithm
  /** The identifiers of what it covers, as they stand in `Signature-Input`: `"@method"`. */
  readonly components: readonly string[]
  /** Epoch milliseconds. */
  readonly createdAtMs: number | undefined
  /** Epoch milliseconds. */
  readonly expiresAtMs: number | undefined
  readonly nonce: string | undefined
  readonly tag: string | undefined
}

/** By what a message is verified. */
export interface VerificationRules {
  readonly policy: PolicySettings
  readonly keys: KeyResolver
  readonly fieldTypes: Readonly<Record<string, FieldType>>
}

/** Signatures that are right; what is left to check is the body. */
export interface HeadVerification {
  readonly signatures: readonly VerifiedSignature[]
  /** `undefined`: no signature covers the body. */
  readonly body: DigestCheck | undefined
  /** What the message is known by in the replay window, one for each signature. */
  replayIds(): readonly string[]
}

/** A claim with the text that it signs. */
interface Line {
  readonly claim: Claim
  readonly base: Uint8Array
}

interface RightLine extends Line {
  readonly key: VerificationKey
}

/**
 * Verifies all that the head of a message tells: the signatures are over the head alone, so a forged message is refused before
 * its body is read.
 *
 * @param find asks for keys.
 */
export async function verifyHead(
  message: Message,
  { policy, keys, fieldTypes }: VerificationRules,
  nowMs: number,
  find: <Keys>(work: () => Awaitable<Keys>) => Awaitable<Keys>,
): Promise<HeadVerification | HttpSignatureFault> {
  const candidates = countingCandidates(message.fields, policy)
  if (typeof candidates === 'string') return candidates
  const reader = new MessageReader(fieldTypes)
  const lines = judged(candidates, policy, (candidate) => {
    const claim = readClaim(candidate)
    if (typeof claim === 'string') return claim
    const fault = faultOfClaim(claim, policy, nowMs)
    if (fault !== undefined) return fault
    const base = signatureBase(claim.components, claim.parameters, message, reader)
    return base === undefined ? 'absent-component' : { claim, base: Buffer.from(base, 'latin1') }
  })
  if (typeof lines === 'string') return lines

  const found = await find(() => Promise.all(lines.map(({ claim }) => foundKeys(keys, claim))))
  const pairs = lines.map((line, index) => ({ line, found: found[index] ?? [] }))
  const right = judged(pairs, policy, (pair) => verifyLine(pair.line, pair.found, policy))
  if (typeof right === 'string') return right

  const body = bodyCheck(right, message)
  if (typeof body === 'string') return body
  return { signatures: right.map(described), body, replayIds: () => right.map((line) => replayId(line, policy)) }
}

/** What comes of each: under `all` the first fault is the answer, under `any` the first where nothing is right. */
function judged<From, To extends object>(
  items: readonly From[],
  { mode }: PolicySettings,
  judge: (item: From) => To | HttpSignatureFault,
): readonly To[] | HttpSignatureFault {
  const judgements = items.map(judge)
  const faults = judgements.filter((each): each is HttpSignatureFault => typeof each === 'string')
  const passed = judgements.filter((each): each is To => typeof each !== 'string')
  return faults[0] !== undefined && (mode === 'all' || passed.length === 0) ? faults[0] : passed
}

/** Every key is tried, with no early exit. */
function verifyLine(
  { claim, base }: Line,
  found: readonly VerificationKey[],
  { algorithms }: PolicySettings,
): RightLine | HttpSignatureFault {
  const keys = fittingKeys(found, claim, algorithms)
  if (typeof keys === 'string') return keys
  const [key] = keys.filter(({ algorithm, handle }) => isRight(algorithm, handle, base, claim.signatureBytes))
  return key === undefined ? 'mismatch' : { claim, base, key }
}

/** The digests of the body, where a signature covers any: uncovered, an attacker writes them anew. */
function bodyCheck(lines: readonly RightLine[], message: Message): DigestCheck | undefined | HttpSignatureFault {
  const covering = lines.flatMap(({ claim }) =>
    claim.components.filter(({ name, parameters }) => name === 'content-digest' && !parameters.has('req')),
  )
  if (covering.length === 0) return undefined
  // From a trailer it comes after the body, and no host hands it to us.
  if (covering.some(({ parameters }) => parameters.has('tr'))) return 'digest-missing'
  const check = digestCheck(message.fields.joined('content-digest') ?? '')
  if (typeof check === 'string') return check
  const isCounted = (key: unknown) => key === undefined || check.algorithms.has(String(key))
  return covering.every(({ parameters }) => isCounted(parameters.get('key'))) ? check : 'digest-missing'
}

function described({ claim, key }: RightLine): VerifiedSignature {
  const { label, keyid = key.keyid, components, created, expires, nonce, tag } = claim
  return {
    label,
    keyid,
    algorithm: key.algorithm,
    components: components.map(({ identifier }) => identifier),
    createdAtMs: created === undefined ? undefined : created * 1000,
    expiresAtMs: expires === undefined ? undefined : expires * 1000,
    nonce,
    tag,
  }
}

/**
 * SHA-256 over the key and the nonce, or all that is signed: never over the signature, which for ECDSA and RSA-PSS can be another
 * one over the same.
 */
function replayId({ claim, base, key }: RightLine, { nonce }: PolicySettings): string {
  const isByNonce = nonce === 'required'
  const value = isByNonce ? Buffer.from(claim.nonce ?? '') : base
  const head = Buffer.from(`latchkey replay 1:rfc9421:${isByNonce ? 'nonce' : 'content'}:${value.length}:`)
  return Buffer.from(digest('sha256', Buffer.concat([head, key.digest, value]))).toString('base64url')
}
