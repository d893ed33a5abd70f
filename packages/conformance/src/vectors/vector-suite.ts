import { describe, expect, it } from 'vitest'
import {
  claimedSchemes,
  guardVector,
  type SignatureVector,
  type VectorScheme,
  vectorBody,
  verifyVector,
} from './signature-vector.js'

export interface VectorSuiteOptions {
  /** Schemes of one's own by the names that the vectors use, beside those of core. */
  readonly schemes?: Readonly<Record<string, VectorScheme>>
}

/**
 * Declares a test for every vector of a scheme that exists, through `verify` and through the guard, and for every valid one
 * the same message with a changed body. Vectors of other schemes are skipped by name, as not yet claimed.
 *
 * @example
 * ```ts
 * import { type SignatureVector, vectorSuite } from '@latchkey/conformance'
 *
 * const suite = (vectors: readonly SignatureVector[]) => vectorSuite('the vectors of our provider', vectors)
 * ```
 */
export function vectorSuite(
  name: string,
  vectors: readonly SignatureVector[],
  { schemes = {} }: VectorSuiteOptions = {},
): void {
  const known = new Map([...claimedSchemes(), ...Object.entries(schemes)])
  describe(name, () => {
    for (const [schemeName, group] of byScheme(vectors)) {
      const scheme = known.get(schemeName)
      describe(schemeName, () => {
        for (const vector of group) {
          if (scheme === undefined) it.skip(`${vector.id} (${schemeName} is not yet claimed)`)
          else it(title(vector), () => hold(vector, scheme))
        }
      })
    }
  })
}

async function hold(vector: SignatureVector, scheme: VectorScheme): Promise<void> {
  expect(await verifyVector(vector, scheme)).toBe(vector.expect)
  const reply = await guardVector(vector, scheme)
  expect(reply?.status).toBe(vector.expect === 'valid' ? undefined : 401)
  if (vector.expect === 'valid' && signsBody(vector, scheme)) {
    expect(await verifyVector(vector, scheme, changed(vectorBody(vector)))).toBe('invalid')
  }
}

function signsBody({ secret, options = {} }: SignatureVector, scheme: VectorScheme): boolean {
  const { toleranceSeconds: _, urlCandidates: __, ...presetOptions } = options
  const { content, carriers } = scheme([secret].flat(), presetOptions).scheme
  return content.includes('body') || carriers.some(({ bodyDigestParameter }) => bodyDigestParameter !== undefined)
}

/** One bit more or less; of nothing, one byte. */
function changed(body: Uint8Array): Uint8Array {
  if (body.length === 0) return Uint8Array.of(0)
  const copy = Uint8Array.from(body)
  copy[copy.length - 1]! ^= 1
  return copy
}

function title({ id, reason }: SignatureVector): string {
  return reason === undefined ? `${id} verifies` : `${id} is refused: ${reason}`
}

function byScheme(vectors: readonly SignatureVector[]): Map<string, SignatureVector[]> {
  const groups = new Map<string, SignatureVector[]>()
  for (const vector of vectors) groups.set(vector.scheme, [...(groups.get(vector.scheme) ?? []), vector])
  return groups
}
