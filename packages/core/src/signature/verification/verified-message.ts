import { utf8 } from '../../bytes.js'
import { hasher } from '../../crypto.js'
import { replayId } from '../replay/replay-id.js'
import { algorithms } from '../scheme-model/algorithm.js'
import { signsId } from '../scheme-model/scheme.js'
import { bodyMembers } from './body-member.js'
import type { EvaluationInput } from './evaluation-input.js'
import type { SignatureFault } from './fault.js'
import { segmentBytes } from './signed-content.js'
import { judgeTime, parseTimestamp } from './timestamp.js'

/** What a message says about itself once its signature has been found right. */
export interface VerifiedMessage {
  /** The delivery id; `undefined` where there is none. */
  readonly id: string | undefined
  readonly isIdSigned: boolean
  /** Epoch milliseconds; `undefined` where the scheme signs no time. */
  readonly signedAtMs: number | undefined
  /** Which of the secrets matched, counted from 0. */
  readonly secretIndex: number
  /** Stands for the message in the replay window: 43 base64url characters. */
  readonly replayId: () => string
}

/**
 * Reads what is in the verified body, and says what the message is known by.
 *
 * @param mac over the scheme's content under the first secret, where it has been computed already.
 */
export function describeMessage(
  input: EvaluationInput,
  body: Uint8Array,
  secretIndex: number,
  mac: Uint8Array | undefined,
): VerifiedMessage | SignatureFault {
  const { scheme, credential, keys } = input
  const member = bodyMembers(body)
  const signedAtMs = credential.timestamp?.ms ?? readBodyTime(input, member)
  if (typeof signedAtMs === 'string') return signedAtMs
  const id = credential.id ?? readBodyId(input, member)
  const isIdSigned = id !== undefined && signsId(scheme, credential.carrier)
  const knownBy = () => {
    const first = keys[0]!
    return isIdSigned
      ? replayId(scheme, first, 'id', utf8(id))
      : replayId(scheme, first, 'content', mac ?? contentMac(input, body))
  }
  return { id, isIdSigned, signedAtMs, secretIndex, replayId: knownBy }
}

/** The time in the signed body, judged as one in the head is, only later. */
function readBodyTime(
  { scheme, credential, nowMs, toleranceSeconds }: EvaluationInput,
  member: ReturnType<typeof bodyMembers>,
): number | undefined | SignatureFault {
  const place = credential.carrier.timestamp
  if (scheme.timestamp === undefined || place === undefined || !('body' in place)) return undefined
  const value = member(place.body)
  if (value === undefined) return 'missing'
  const { unit } = scheme.timestamp
  const ms = typeof value === 'string' || typeof value === 'number' ? parseTimestamp(String(value), unit) : undefined
  if (ms === undefined) return 'malformed'
  return judgeTime(ms, nowMs, unit, toleranceSeconds ?? scheme.timestamp.toleranceSeconds) ?? ms
}

/** A message whose body names no id is known by what it is as a whole. */
function readBodyId({ credential }: EvaluationInput, member: ReturnType<typeof bodyMembers>): string | undefined {
  const place = credential.carrier.id
  if (place === undefined || !('body' in place)) return undefined
  const value = member(place.body)
  return typeof value === 'string' && value.length > 0 && value.length <= 256 ? value : undefined
}

/** The computed MAC, or a digest of the content where signatures are made with a key that we do not have. */
function contentMac({ scheme, keys, parts }: EvaluationInput, body: Uint8Array): Uint8Array {
  const algorithm = scheme.carriers[0]?.variants[0]?.algorithm
  const key = keys[0]
  const mac = algorithm !== undefined && key?.kind === 'hmac' ? algorithms[algorithm].mac?.(key) : undefined
  const accumulator = mac ?? hasher('sha256')
  for (const segment of scheme.content) accumulator.update(segmentBytes(segment, parts[0], body))
  return accumulator.digest()
}
