import { algorithms } from '../scheme-model/algorithm.js'
import { decodeSignature } from '../scheme-model/encoding.js'
import type { SignatureCarrier, SignatureVariant } from '../scheme-model/scheme.js'
import type { SignatureFault } from './fault.js'

/** Most signatures in one credential: what is compared is bounded, whatever a stranger sends. */
const maxSignatures = 16

/** A signature that could match. */
export interface Candidate {
  readonly variant: SignatureVariant
  readonly bytes: Uint8Array
}

/** What signature fields hold. */
export interface SignatureList {
  readonly candidates: readonly Candidate[]
  /** The elements of a list of pairs that are no signatures and that the scheme reads. */
  readonly elements: ReadonlyMap<string, string>
}

interface Item {
  /** `undefined` where the syntax has no labels. */
  readonly label: string | undefined
  readonly text: string
}

/**
 * The signatures in a carrier's fields.
 *
 * A field outside its grammar is refused whole. A signature of a known version that is not in the one accepted spelling can
 * match nothing: it is no candidate, and where it leaves none the list is malformed.
 *
 * @param elementNames of a list of pairs: the names that hold other things than signatures, each at most once.
 */
export function parseSignatures(
  fields: readonly string[],
  carrier: SignatureCarrier,
  elementNames: ReadonlySet<string>,
): SignatureList | SignatureFault {
  const items: Item[] = []
  const elements = new Map<string, string>()
  for (const field of fields) {
    if (!/^[ -~]+$/.test(field)) return 'malformed'
    const parts = split(field, carrier, maxSignatures + elementNames.size + 1)
    if (parts === undefined) return 'malformed'
    for (const part of parts) {
      if (part.label === undefined || !elementNames.has(part.label)) items.push(part)
      else if (elements.has(part.label)) return 'duplicate'
      else elements.set(part.label, part.text)
    }
    if (items.length > maxSignatures) return 'too-many'
  }
  const candidates = choose(items, carrier)
  return typeof candidates === 'string' ? candidates : { candidates, elements }
}

/** The items of one field, or `undefined` outside the grammar; never more than `limit`. */
function split(field: string, { syntax }: SignatureCarrier, limit: number): readonly Item[] | undefined {
  switch (syntax.form) {
    case 'bare':
      return [{ label: undefined, text: field }]
    case 'prefixed':
      return field.startsWith(syntax.prefix)
        ? [{ label: undefined, text: field.slice(syntax.prefix.length) }]
        : undefined
    case 'labelled':
      return splitItems(field.split(' ', limit), ',')
    case 'pairs':
      return splitItems(field.split(syntax.separator, limit), '=')
  }
}

function splitItems(parts: readonly string[], mark: ',' | '='): readonly Item[] | undefined {
  const items: Item[] = []
  for (const part of parts) {
    const at = part.indexOf(mark)
    const label = part.slice(0, Math.max(at, 0))
    const text = part.slice(at + 1)
    // A comma that separates nothing is where a host has joined two field lines: the credential came twice.
    if (!/^[\w-]+$/.test(label) || text.includes(',')) return undefined
    items.push({ label, text })
  }
  return items
}

function choose(items: readonly Item[], carrier: SignatureCarrier): readonly Candidate[] | SignatureFault {
  const known = carrier.variants
    .map((variant) => ({ variant, items: items.filter(({ label }) => label === variant.label) }))
    .filter((version) => version.items.length > 0)
  if (known.length === 0) return items.length === 0 ? 'missing' : 'unknown-version'
  const candidates: Candidate[] = []
  for (const version of carrier.strongestOnly === true ? known.slice(0, 1) : known) {
    const { algorithm, encoding } = version.variant
    for (const { text } of version.items) {
      const bytes = decodeSignature(text, encoding, algorithms[algorithm].signatureBytes)
      if (bytes !== undefined) candidates.push({ variant: version.variant, bytes })
    }
  }
  return candidates.length === 0 ? 'malformed' : candidates
}
