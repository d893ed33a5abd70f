import { type InnerList, type Item, isInnerList, type Parameters } from 'structured-headers'
import { type Component, readComponent } from './component.js'
import type { HttpSignatureFault } from './fault.js'
import type { Fields } from './http-message.js'
import type { PolicySettings } from './policy.js'
import { strictDictionary } from './structured-field.js'

/** A signature as a message claims it: its syntax is in order, nothing is verified. */
export interface Claim {
  readonly label: string
  readonly components: readonly Component[]
  /** All of them, in their order: they are signed. */
  readonly parameters: Parameters
  readonly signatureBytes: Uint8Array
  /** Epoch seconds. */
  readonly created: number | undefined
  /** Epoch seconds. */
  readonly expires: number | undefined
  readonly keyid: string | undefined
  readonly alg: string | undefined
  readonly nonce: string | undefined
  readonly tag: string | undefined
}

const mostSignatures = 16
const mostComponents = 64

/** What stands under one label; of a pair that is broken, the half that is there. */
export interface Candidate {
  readonly label: string
  readonly input: InnerList | Item | undefined
  readonly signature: InnerList | Item | undefined
}

/**
 * The signatures of a message that count. `Signature-Input` and `Signature` may come on several lines, as proxies write them; a
 * label never twice.
 */
export function countingCandidates(
  fields: Fields,
  { labels, tag, mode }: Pick<PolicySettings, 'labels' | 'tag' | 'mode'>,
): readonly Candidate[] | HttpSignatureFault {
  const inputField = fields.joined('signature-input')
  const signatureField = fields.joined('signature')
  if (inputField === undefined || signatureField === undefined) return 'missing'
  const inputs = strictDictionary(inputField)
  const signatures = strictDictionary(signatureField)
  if (inputs === undefined || signatures === undefined) return 'malformed'
  if (inputs.size > mostSignatures || signatures.size > mostSignatures) return 'too-many'

  const present = [...new Set([...inputs.keys(), ...signatures.keys()])]
  const counting = present
    .filter((label) => labels === undefined || labels.includes(label))
    .map((label) => ({ label, input: inputs.get(label), signature: signatures.get(label) }))
    .filter(({ input }) => tag === undefined || input?.[1].get('tag') === tag)
  const isThere = (label: string) => counting.some((candidate) => candidate.label === label)
  if (counting.length === 0 || (mode === 'all' && labels?.every(isThere) === false)) return 'missing'
  return counting
}

/** Reads one of them. */
export function readClaim({ label, input, signature }: Candidate): Claim | HttpSignatureFault {
  if (input === undefined || signature === undefined) return 'missing'
  if (!isInnerList(input) || isInnerList(signature) || !(signature[0] instanceof ArrayBuffer)) return 'malformed'
  const [items, parameters] = input
  if (items.length > mostComponents) return 'too-many'
  const components = items.flatMap((item) => readComponent(item) ?? [])
  const identities = new Set(components.map(({ identity }) => identity))
  // A component that is not understood fails the signature (RFC 9421 section 2.5), and so does one that comes twice.
  if (identities.size !== items.length) return 'malformed'
  const times = { created: parameters.get('created'), expires: parameters.get('expires') }
  const texts = {
    keyid: parameters.get('keyid'),
    alg: parameters.get('alg'),
    nonce: parameters.get('nonce'),
    tag: parameters.get('tag'),
  }
  if (!areAll(times, isTime) || !areAll(texts, isText)) return 'malformed'
  return { label, components, parameters, signatureBytes: new Uint8Array(signature[0]), ...times, ...texts }
}

function areAll<Name extends string, Value>(
  values: Record<Name, unknown>,
  test: (value: unknown) => value is Value,
): values is Record<Name, Value | undefined> {
  return Object.values(values).every((value) => value === undefined || test(value))
}

/** Whole seconds since 1970, of at most eleven digits. */
function isTime(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 100_000_000_000
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 1024
}
