import type { RequestHeaders } from '../../guard.js'
import {
  contents,
  type FieldPlace,
  type Scheme,
  type SignatureCarrier,
  signatureFields,
  signsId,
} from '../scheme-model/scheme.js'
import { faultOfContent } from './content-fault.js'
import type { SignatureFault } from './fault.js'
import { type Candidate, parseSignatures } from './signature-list.js'
import { judgeTime, parseTimestamp } from './timestamp.js'

/** What a request's head claims: syntax and time are in order, nothing is verified. */
export interface Credential {
  readonly carrier: SignatureCarrier
  readonly candidates: readonly Candidate[]
  /** The delivery id in the head; `undefined` where there is none, or none that is well-formed and unsigned. */
  readonly id: string | undefined
  /** The time as sent, and what it says; `undefined` where the head holds none. */
  readonly timestamp: { readonly text: string; readonly ms: number } | undefined
  /** The elements of a list of pairs that are no signatures and that the scheme reads. */
  readonly elements: ReadonlyMap<string, string>
}

/** By what a credential is read. */
export interface CredentialRules {
  readonly scheme: Scheme
  readonly allowLegacy: string | undefined
  /** Epoch milliseconds. */
  readonly nowMs: number
  /** `undefined`: the scheme's own. */
  readonly toleranceSeconds: number | undefined
}

/** Reads the credential in a request's head, all that can be refused without its body. */
export function readCredential(headers: RequestHeaders, rules: CredentialRules): Credential | SignatureFault {
  const { scheme } = rules
  const carrier = presentCarrier(headers, rules)
  if (typeof carrier === 'string') return carrier
  const fault = faultOfFields(headers, scheme, carrier)
  if (fault !== undefined) return fault

  const fields = signatureFields(carrier).flatMap((name) => headers.get(name) ?? [])
  const list = parseSignatures(fields, carrier, elementNames(scheme, carrier))
  if (typeof list === 'string') return list
  const missing = faultOfContent(headers, list, scheme)
  if (missing !== undefined) return missing
  const read = (place: FieldPlace | undefined) => readHead(headers, list.elements, place)

  const id = readId(read(carrier.id), scheme, carrier)
  if (typeof id === 'object') return id.fault
  const timestamp = readTime(read(carrier.timestamp), rules, carrier)
  if (typeof timestamp === 'string') return timestamp
  return { carrier, candidates: list.candidates, id, timestamp, elements: list.elements }
}

/** The first carrier that is there; a weaker one only where that was typed out. Two carriers never mix. */
function presentCarrier(
  headers: RequestHeaders,
  { scheme, allowLegacy }: CredentialRules,
): SignatureCarrier | SignatureFault {
  const present = scheme.carriers.find((carrier) => signatureFields(carrier).some((name) => headers.count(name) > 0))
  if (present === undefined) return 'missing'
  return present.legacy === undefined || present.legacy === allowLegacy ? present : 'downgrade'
}

/** Every field of the credential exactly once; of several signature fields at least one. */
function faultOfFields(headers: RequestHeaders, scheme: Scheme, carrier: SignatureCarrier): SignatureFault | undefined {
  const fixed = carrier.fixed === undefined ? [] : Object.entries(carrier.fixed)
  const required = fixed.map(([name]) => name)
  if (carrier.timestamp !== undefined && 'header' in carrier.timestamp) required.push(carrier.timestamp.header)
  if (carrier.id !== undefined && 'header' in carrier.id && signsId(scheme, carrier)) required.push(carrier.id.header)
  if (required.some((name) => headers.count(name) === 0)) return 'missing'
  const isTwice = (name: string) => headers.count(name) > 1
  if (signatureFields(carrier).some(isTwice) || required.some(isTwice)) return 'duplicate'
  return fixed.every(([name, value]) => headers.get(name) === value) ? undefined : 'unknown-version'
}

/** The names in a list of pairs that hold the time, the id, or something that is signed. */
function elementNames(scheme: Scheme, carrier: SignatureCarrier): ReadonlySet<string> {
  // The other syntaxes have no elements.
  if (carrier.syntax.form !== 'pairs') return new Set()
  const places = [carrier.timestamp, carrier.id, ...contents(scheme, carrier).flat()]
  const isElement = (place: (typeof places)[number]): place is { readonly element: string } =>
    typeof place === 'object' && 'element' in place
  return new Set(places.filter(isElement).map(({ element }) => element))
}

function readHead(
  headers: RequestHeaders,
  elements: ReadonlyMap<string, string>,
  place: FieldPlace | undefined,
): string | undefined {
  if (place === undefined || 'body' in place) return undefined
  return 'header' in place ? (headers.get(place.header) ?? undefined) : elements.get(place.element)
}

/** An unsigned id that is malformed is no fault of the credential: it is not reported at all. */
function readId(
  text: string | undefined,
  scheme: Scheme,
  carrier: SignatureCarrier,
): string | undefined | { fault: SignatureFault } {
  const isPartOfCredential = carrier.id !== undefined && !('body' in carrier.id) && signsId(scheme, carrier)
  if (text !== undefined && isDeliveryId(text, scheme, carrier)) return text
  return isPartOfCredential ? { fault: text === undefined ? 'missing' : 'malformed' } : undefined
}

/**
 * Whether a text can be a delivery id: 1 to 256 printable ASCII characters. Never a dot (Standard Webhooks, "Signature
 * scheme") and never a literal of the signed content, with which a sender could move the border between id, timestamp and
 * body; never a comma, with which a host joins field lines that came twice.
 */
export function isDeliveryId(text: string, scheme: Scheme, carrier: SignatureCarrier): boolean {
  if (!/^[ -+\-/-~]{1,256}$/.test(text)) return false
  for (const { content = scheme.content } of carrier.variants) {
    if (
      content.some((segment) => typeof segment === 'object' && 'literal' in segment && text.includes(segment.literal))
    )
      return false
  }
  return true
}

function readTime(
  text: string | undefined,
  { scheme, nowMs, toleranceSeconds }: CredentialRules,
  carrier: SignatureCarrier,
): Credential['timestamp'] | SignatureFault {
  if (scheme.timestamp === undefined || carrier.timestamp === undefined || 'body' in carrier.timestamp) return undefined
  if (text === undefined) return 'missing'
  const { unit } = scheme.timestamp
  const ms = parseTimestamp(text, unit)
  if (ms === undefined) return 'malformed'
  return judgeTime(ms, nowMs, unit, toleranceSeconds ?? scheme.timestamp.toleranceSeconds) ?? { text, ms }
}
