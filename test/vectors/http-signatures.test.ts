import { readFileSync } from 'node:fs'
import {
  type HttpSignatureVector,
  isHttpSignatureVector,
  type SignatureVector,
  vectorBody,
  verifyHttpVector,
} from '@latchkey/conformance'
import { describe, expect, test } from 'vitest'

const file = new URL('./signatures.json', import.meta.url)
const vectors = (JSON.parse(readFileSync(file, 'utf8')) as readonly SignatureVector[]).filter(isHttpSignatureVector)

test('the vectors of RFC 9421 and RFC 9530 are there', () => {
  const count = (scheme: string) => vectors.filter((vector) => vector.scheme === scheme).length
  expect([count('rfc9421'), count('content-digest')]).toEqual([19, 12])
})

describe.each(['rfc9421', 'content-digest'])('%s', (scheme) => {
  test.each(vectors.filter((vector) => vector.scheme === scheme).map((vector) => [title(vector), vector] as const))(
    '%s',
    async (_, vector) => {
      expect(await verifyHttpVector(vector)).toBe(vector.expect)
    },
  )
})

const covering = vectors.filter(({ expect: wanted, headers, scheme }) => {
  if (wanted !== 'valid') return false
  return scheme === 'content-digest' || /"content-digest"/.test(String(headers['Signature-Input']))
})

test.each(covering.map((vector) => [vector.id, vector] as const))(
  '%s with one byte more is refused',
  async (_, vector) => {
    expect(await verifyHttpVector(vector, Buffer.concat([vectorBody(vector), Buffer.from(' ')]))).toBe('invalid')
  },
)

function title({ id, reason }: HttpSignatureVector): string {
  return reason === undefined ? `${id} verifies` : `${id} is refused: ${reason}`
}
