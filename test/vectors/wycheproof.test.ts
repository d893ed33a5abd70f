import { readFileSync } from 'node:fs'
import { type BoundScheme, defineScheme, type SecretRule, type SignatureAlgorithm, verify } from '@latchkey/core'
import { describe, expect, test } from 'vitest'

type Entry = readonly [id: number, comment: string, message: string, signature: string, result: 'valid' | 'invalid']

interface VectorFile {
  readonly file: string
  readonly algorithm: SignatureAlgorithm
  readonly groups: readonly { readonly key: string; readonly tests: readonly Entry[] }[]
}

const { files } = JSON.parse(readFileSync(new URL('./wycheproof.json', import.meta.url), 'utf8')) as {
  readonly files: readonly VectorFile[]
}

const rules: Partial<Record<SignatureAlgorithm, SecretRule>> = {
  ed25519: { encoding: 'pem', kind: 'ed25519-public' },
  'ecdsa-p256-der': { encoding: 'pem', kind: 'p256-public' },
  'ecdsa-p256-p1363': { encoding: 'pem', kind: 'p256-public' },
  'rsa-v1_5-sha256': { encoding: 'pem', kind: 'rsa-public' },
}

/** A webhook whose one header field is the signature over the body. */
function schemeFor(algorithm: SignatureAlgorithm) {
  return defineScheme({
    name: 'wycheproof',
    carriers: [{ signature: 'x-signature', syntax: { form: 'bare' }, variants: [{ algorithm, encoding: 'hex' }] }],
    content: ['body'],
    secrets: [rules[algorithm] ?? { encoding: 'hex', kind: 'hmac' }],
  })
}

async function differences(bound: BoundScheme, tests: readonly Entry[]): Promise<string[]> {
  const found: string[] = []
  for (const [id, comment, message, signature, expected] of tests) {
    const headers = { 'x-signature': signature }
    const { isValid } = await verify(bound, { headers, body: Buffer.from(message, 'hex') })
    if (isValid !== (expected === 'valid')) found.push(`${id} (${comment}): expected ${expected}`)
  }
  return found
}

describe('Wycheproof', () => {
  test.each(files)('every verdict of $file is ours', async ({ algorithm, groups }) => {
    const scheme = schemeFor(algorithm)
    const wrong: string[] = []
    for (const { key, tests } of groups) wrong.push(...(await differences(scheme({ secrets: [key] }), tests)))
    expect(wrong).toEqual([])
  })

  test('the files hold what their origin holds: this many valid and invalid', () => {
    const counts = files.map(({ algorithm, groups }) => {
      const results = groups.flatMap(({ tests }) => tests.map(([, , , , result]) => result))
      return [algorithm, results.filter((result) => result === 'valid').length, results.length]
    })
    expect(counts).toMatchInlineSnapshot(`
      [
        [
          "hmac-sha1",
          33,
          87,
        ],
        [
          "hmac-sha256",
          33,
          87,
        ],
        [
          "hmac-sha512",
          33,
          87,
        ],
        [
          "ed25519",
          88,
          151,
        ],
        [
          "ecdsa-p256-der",
          174,
          484,
        ],
        [
          "ecdsa-p256-p1363",
          173,
          262,
        ],
        [
          "rsa-v1_5-sha256",
          9,
          258,
        ],
      ]
    `)
  })
})
