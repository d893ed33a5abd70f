import { createPublicKey } from 'node:crypto'
import { presetDelivery, presetSecret } from '@latchkey/conformance'
import { type ReceivedMessage, signaturePresets, verify } from '@latchkey/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const baseUrl = 'https://api.example.com'

/** A preset with the secret that verifies, and a delivery that does. */
function genuine(name: string) {
  const secret = presetSecret(name)
  const isPair = secret.startsWith('-----BEGIN')
  const verifies = isPair ? String(createPublicKey(secret).export({ format: 'pem', type: 'spki' })) : secret
  const { headers, body, query, tampered } = presetDelivery(name, baseUrl)
  const url = `${baseUrl}/hooks/${name}${query}`
  const scheme = signaturePresets[name]!({ secrets: [verifies] })
  const isValid = async (message: Partial<ReceivedMessage>) =>
    (await verify(scheme, { headers, body, url, ...message })).isValid
  const { carriers, envelope } = scheme.scheme
  const unsigned = new Set(['content-type', ...carriers.flatMap(({ id }) => (id && 'header' in id ? [id.header] : []))])
  const signsId = scheme.scheme.content.includes('id')
  const credential = Object.entries(headers as Record<string, string>).filter(
    ([field]) => field !== 'content-type' && (signsId || !unsigned.has(field)),
  )
  const isShown = scheme.scheme.content.length === 0
  return { headers: headers as Record<string, string>, body, tampered, isValid, isShown, credential, envelope }
}

describe.each(Object.keys(signaturePresets))('%s', (name) => {
  test('verifies a genuine delivery, and none that was tampered with', async () => {
    const { isValid, tampered } = genuine(name)
    expect(await isValid({})).toBe(true)
    expect(await isValid(tampered)).toBe(false)
  })

  test('refuses every credential field that is absent, empty, doubled, joined, padded or cut', async () => {
    const { headers, isValid, credential, envelope } = genuine(name)
    if (envelope === undefined) expect(credential.length).toBeGreaterThan(0)
    for (const [field, value] of credential) {
      const { [field]: _, ...others } = headers
      expect(await isValid({ headers: others })).toBe(false)
      const wrong = [
        '',
        [value, value],
        `${value}, ${value}`,
        ` ${value}`,
        `${value} `,
        `${value}0`,
        `${value}=`,
        value.slice(0, -1),
        `\ufeff${value}`,
        `${value}\u0000`,
      ]
      for (const each of wrong)
        expect([field, each, await isValid({ headers: { ...others, [field]: each } })]).toEqual([field, each, false])
    }
  })

  test('says no to whatever the fields and the body hold, and never throws', async () => {
    const { headers, body, isValid, isShown, credential, envelope } = genuine(name)
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.constantFrom(
        'NaN',
        '1e9',
        '0x1',
        '-1',
        '+1',
        '1.0',
        ' 1',
        '__proto__',
        '__proto__=1',
        't=1,t=1',
        'v1=',
        '9'.repeat(400),
      ),
    )
    const changed = fc.dictionary(
      fc.constantFrom('__proto__', ...credential.map(([field]) => field)),
      fc.oneof(text, fc.array(text, { maxLength: 40 })),
      { minKeys: 1 },
    )
    await fc.assert(
      fc.asyncProperty(changed, fc.uint8Array({ maxLength: 200 }), async (fields, bytes) => {
        const isChanged = credential.some(([field, value]) => Object.hasOwn(fields, field) && fields[field] !== value)
        if (isChanged) expect(await isValid({ headers: { ...headers, ...fields } })).toBe(false)
        if (Buffer.compare(bytes, body) !== 0) expect(await isValid({ body: bytes })).toBe(isShown)
        if (envelope !== undefined)
          expect(await isValid({ body: JSON.stringify({ ...fields, signature: fields }) })).toBe(false)
      }),
      { numRuns: 40 },
    )
  })

  test('refuses seventeen signatures as it does none', async () => {
    const { headers, isValid, credential } = genuine(name)
    for (const [field, value] of credential) {
      for (const separator of [',', ' ', ';', ', ']) {
        const many = Array.from({ length: 17 }, () => value).join(separator)
        expect(await isValid({ headers: { ...headers, [field]: many } })).toBe(false)
      }
    }
  })
})
