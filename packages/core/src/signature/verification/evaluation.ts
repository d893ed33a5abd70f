import { hex, noBytes } from '../../bytes.js'
import { algorithms, type SignatureCheck, signatureCheck } from '../scheme-model/algorithm.js'
import {
  type ContentSegment,
  contents,
  type FieldPlace,
  type SignatureVariant,
  signsUrl,
} from '../scheme-model/scheme.js'
import { bodyDigest, isBoundByUrl } from './body-digest.js'
import type { Credential } from './credential.js'
import type { EvaluationInput } from './evaluation-input.js'
import type { SignatureFault } from './fault.js'
import { afterBody, beforeBody, type ContentParts, isOfBody, segmentBytes } from './signed-content.js'
import { describeMessage, type VerifiedMessage } from './verified-message.js'

/** A verification under way: fed the body as it arrives, then asked. */
export interface Evaluation {
  /** Whether the answer depends on the body. */
  readonly readsBody: boolean
  feed(chunk: Uint8Array): void
  /** Every candidate under every secret, with no early exit. */
  finish(body: Uint8Array): VerifiedMessage | SignatureFault
}

/** One check: what a version signs, under one secret. */
interface Line {
  readonly variant: SignatureVariant
  readonly secretIndex: number
  readonly content: readonly ContentSegment[]
  readonly parts: ContentParts
  readonly check: SignatureCheck
}

/** Begins to verify; `unknown-version` where no secret can verify any of the signatures. */
export function evaluate(input: EvaluationInput): Evaluation | SignatureFault {
  let lines = begin(input)
  if (lines.length === 0) return 'unknown-version'
  let digest = bodyDigest(input.scheme, input.credential.carrier)
  let fedBytes = 0
  const feed = (chunk: Uint8Array) => {
    fedBytes += chunk.length
    digest?.update(chunk)
    for (const { content, check } of lines) if (content.includes('body') && !check.needsWholeBody) check.feed(chunk)
  }
  const finish = (body: Uint8Array) => {
    if (fedBytes !== body.length) {
      // Another guard has read this body before: no chunks came, or not all.
      lines = begin(input)
      digest = bodyDigest(input.scheme, input.credential.carrier)
      feed(body)
    }
    const bodyHash = digest?.digest()
    for (const { content, parts, check } of lines) {
      if (content.includes('body') && check.needsWholeBody) check.feed(body)
      for (const segment of afterBody(content)) {
        const isHashed = segment === 'body-sha256' && bodyHash !== undefined
        check.feed(isHashed ? hex(bodyHash) : segmentBytes(segment, parts, body))
      }
    }
    const bound = lines.filter(({ parts }) => isBoundByUrl(input.credential.carrier, parts.url, bodyHash))
    const secretIndex = matchingSecret(bound, input.credential)
    return secretIndex === undefined ? 'mismatch' : describeMessage(input, body, secretIndex, firstMac(lines, input))
  }
  return { readsBody: readsBody(input), feed, finish }
}

/** A check for each version that is there under each secret of its kind; what precedes the body is hashed at once. */
function begin(input: EvaluationInput): Line[] {
  const { scheme, credential, keys } = input
  const variants = new Set(credential.candidates.map(({ variant }) => variant))
  const lines: Line[] = []
  for (const variant of variants) {
    const content = variant.content ?? scheme.content
    const candidates = credential.candidates.filter((candidate) => candidate.variant === variant).length
    for (const [secretIndex, key] of keys.entries()) {
      if (algorithms[variant.algorithm].verifiesWith !== key.kind) continue
      for (const parts of signsUrl(content) ? input.parts : input.parts.slice(0, 1)) {
        const check = signatureCheck(variant.algorithm, key, candidates)
        for (const segment of beforeBody(content)) check.feed(segmentBytes(segment, parts, noBytes))
        lines.push({ variant, secretIndex, content, parts, check })
      }
    }
  }
  return lines
}

/** Which secret some candidate is right for. All are compared: how long it takes tells nothing about where they match. */
function matchingSecret(lines: readonly Line[], { candidates }: Credential): number | undefined {
  const matching = new Set<number>()
  for (const { variant, secretIndex, check } of lines) {
    for (const candidate of candidates) {
      if (candidate.variant === variant && check.matches(candidate.bytes)) matching.add(secretIndex)
    }
  }
  return matching.size === 0 ? undefined : Math.min(...matching)
}

/** The MAC that stands for the message, where a line has computed it: the first variant's under the first secret. */
function firstMac(lines: readonly Line[], { scheme }: EvaluationInput): Uint8Array | undefined {
  const first = scheme.carriers[0]?.variants[0]
  return lines
    .find(({ variant, secretIndex, content }) => {
      return secretIndex === 0 && variant.algorithm === first?.algorithm && content === scheme.content
    })
    ?.check.mac?.()
}

function readsBody({ scheme, credential: { carrier } }: EvaluationInput): boolean {
  const isInBody = (place: FieldPlace | undefined) => place !== undefined && 'body' in place
  const isSigned = contents(scheme, carrier).some((content) => content.some(isOfBody))
  return isSigned || carrier.bodyDigestParameter !== undefined || isInBody(carrier.id) || isInBody(carrier.timestamp)
}
