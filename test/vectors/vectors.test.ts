import { readFileSync } from 'node:fs'
import { type SignatureVector, vectorSuite } from '@latchkey/conformance'
import { expect, test } from 'vitest'

const file = new URL('./signatures.json', import.meta.url)
const vectors = JSON.parse(readFileSync(file, 'utf8')) as readonly SignatureVector[]

vectorSuite('published signature vectors', vectors)

test('the vectors of every scheme that Latchkey claims are there', () => {
  const count = (scheme: string) => vectors.filter((vector) => vector.scheme === scheme).length
  expect({
    'standard-webhooks': count('standard-webhooks'),
    svix: count('svix'),
    github: count('github'),
    stripe: count('stripe'),
    slack: count('slack'),
    'static-token': count('static-token'),
  }).toEqual({ 'standard-webhooks': 19, svix: 1, github: 2, stripe: 4, slack: 1, 'static-token': 11 })
})
