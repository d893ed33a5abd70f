import { readFileSync } from 'node:fs'
import { claimedSchemes, type SignatureVector, vectorReport, vectorSuite } from '@latchkey/conformance'
import { describe, expect, test } from 'vitest'

const file = new URL('./signatures.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly SignatureVector[]

/** HTTP Message Signatures and their digests: no webhooks of core's, and with a suite of their own. */
const elsewhere = new Set(['rfc9421', 'content-digest'])
const ours = vectors.filter(({ scheme }) => !elsewhere.has(scheme))

vectorSuite('published signature vectors', ours)

test('every vector runs but those of HTTP Message Signatures, which are nobody’s webhooks', () => {
  const claimed = claimedSchemes()
  const skipped = new Set(ours.map(({ scheme }) => scheme).filter((scheme) => !claimed.has(scheme)))
  expect([...skipped]).toEqual([])
  expect({ all: vectors.length, ours: ours.length }).toEqual({ all: 168, ours: 137 })
})

describe('the report on a file of vectors', () => {
  test('has a line an entry and a count, and finds no difference in all of ours', async () => {
    const { lines, differences } = await vectorReport(JSON.stringify(vectors))
    expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([])
    expect(differences).toBe(0)
    expect(lines).toHaveLength(vectors.length + 1)
    expect(lines[0]).toBe('ok   github github-docs: valid')
    expect(lines.at(-1)).toBe('168 passed, 0 failed')
  })

  test('names what is not as it should be, and skips nothing', async () => {
    const [good] = ours
    const entries = [
      good,
      { ...good, expect: 'invalid' },
      { ...good, body: 'another' },
      { ...good, scheme: 'nobody' },
      { ...good, secret: '' },
      null,
    ]
    const { lines, differences } = await vectorReport(JSON.stringify(entries))
    expect(differences).toBe(5)
    expect(lines).toEqual([
      'ok   github github-docs: valid',
      'FAIL github github-docs: expected invalid, found valid',
      'FAIL github github-docs: expected valid, found invalid',
      'FAIL nobody github-docs: no such scheme',
      'FAIL github github-docs: github: secrets[0] must be a secret of github, not a blank one',
      'FAIL entry 5: not a vector: id, scheme, secret, headers, body, now and expect are needed',
      '1 passed, 5 failed',
    ])
  })

  test('refuses what is no list', async () => {
    await expect(vectorReport('{}')).rejects.toThrow(/a JSON list/)
    await expect(vectorReport('not JSON')).rejects.toThrow(SyntaxError)
  })
})
