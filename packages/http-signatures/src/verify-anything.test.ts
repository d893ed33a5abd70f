import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { reasonOf, requestWith, signedBy } from './message.test.kit.js'

const good = signedBy()

/** Cases a test; `LATCHKEY_FUZZ_RUNS=100000` for the long form. */
const numRuns = Number(process.env.LATCHKEY_FUZZ_RUNS ?? 500)
vi.setConfig({ testTimeout: 20_000 + 10 * numRuns })

test('whatever the fields hold, the answer is a word and never a throw', async () => {
  const piece = fc.constantFrom(
    'sig1',
    '=',
    '(',
    ')',
    '"@method"',
    '"',
    ';',
    'created',
    ':',
    'AAAA',
    ',',
    ' ',
    '1',
    '\\',
    '?1',
    '@',
    '%"',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(piece, { maxLength: 20 }).map((all) => all.join('')),
  )
  const fields = ['signature-input', 'signature', 'content-digest', '__proto__', 'constructor']
  const headers = fc.dictionary(fc.constantFrom(...fields), fc.oneof(text, fc.array(text, { maxLength: 3 })))
  await fc.assert(
    fc.asyncProperty(headers, async (some) => {
      expect(await reasonOf(requestWith(some))).not.toBe('valid')
    }),
    { numRuns },
  )
})

test('whatever is changed about a signed message, it is refused or says the same', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('signature-input', 'signature', 'content-digest'),
      fc.nat(),
      fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
      async (name, position, character) => {
        const request = requestWith(good)
        const value = String(request.headers[name as keyof typeof request.headers])
        const at = position % value.length
        const changed = value.slice(0, at) + character + value.slice(at + 1)
        const reason = await reasonOf({ ...request, headers: { ...request.headers, [name]: changed } })
        if (changed !== value) expect(reason).not.toBe('valid')
      },
    ),
    { numRuns },
  )
})
