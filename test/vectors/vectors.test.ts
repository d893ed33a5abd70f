import { readFileSync } from 'node:fs'
import { claimedSchemes, type SignatureVector, vectorSuite } from '@latchkey/conformance'
import { expect, test } from 'vitest'

const file = new URL('./signatures.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly SignatureVector[]

/** HTTP Message Signatures and their digests: not of this package. */
const elsewhere = new Set(['rfc9421', 'content-digest'])
const ours = vectors.filter(({ scheme }) => !elsewhere.has(scheme))

vectorSuite('published signature vectors', ours)

test('every vector runs but those of HTTP Message Signatures, which are nobody’s webhooks', () => {
  const claimed = claimedSchemes()
  const skipped = new Set(ours.map(({ scheme }) => scheme).filter((scheme) => !claimed.has(scheme)))
  expect([...skipped]).toEqual([])
  expect({ all: vectors.length, ours: ours.length }).toEqual({ all: 168, ours: 137 })
})
