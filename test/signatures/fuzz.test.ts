import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { mayVerify } from './meaning.js'
import { genuineMessages, type Judge, judgeOf, type Message } from './message.js'
import { harmless, type Mutation, mutations } from './mutations.js'
import { boundPreset, presetNames } from './presets.js'

/** Cases a scheme; `LATCHKEY_FUZZ_RUNS=100000` for the long form. */
const runs = Number(process.env.LATCHKEY_FUZZ_RUNS ?? 400)
const isLong = runs > 10_000

vi.setConfig({ testTimeout: 20_000 + 10 * runs })

/** What the cases of one scheme came to. */
interface Tally {
  cases: number
  accepted: number
  readonly refused: Map<string, number>
}

/**
 * Changes genuine messages of a scheme in every way there is, and asks `judge`. A message is let in only if it is the genuine
 * one, and then it is known by the same id: whoever spells a message otherwise does not have it handled twice.
 */
async function fuzz(name: string, judge: Judge, numRuns = runs): Promise<Tally> {
  const { scheme } = boundPreset(name)
  const tally: Tally = { cases: 0, accepted: 0, refused: new Map() }
  const genuine = genuineMessages(name, scheme)
  const changed = fc.constantFrom(...genuine).chain((message) => {
    return fc.tuple(fc.constant(message), fc.array(mutations(scheme, message), { minLength: 1, maxLength: 3 }))
  })
  const property = fc.asyncProperty(changed, async ([message, changes]: [Message, Mutation[]]) => {
    const other = changes.reduce((before, { apply }) => apply(before), message)
    const judgement = await judge(other)
    tally.cases += 1
    if ('refused' in judgement) {
      tally.refused.set(judgement.refused, (tally.refused.get(judgement.refused) ?? 0) + 1)
      return
    }
    tally.accepted += 1
    const known = (await judge(message)) as typeof judgement
    const isSame = mayVerify(scheme, message, other) && judgement.replayId === known.replayId
    if (!isSame) throw new Error(`let in: ${described(changes, message, other)}`)
  })
  const { failed, errorInstance } = await fc.check(property, { numRuns })
  if (failed) throw errorInstance
  return tally
}

function described(changes: readonly Mutation[], ...messages: readonly Message[]): string {
  const texts = messages.map(({ body, ...rest }) => JSON.stringify({ ...rest, body: body.toString('latin1') }))
  return [...changes.map(({ name }) => name), ...texts].join('\n')
}

describe.each(presetNames)('%s', (name) => {
  const judge = judgeOf(name)
  const { scheme } = boundPreset(name)

  test('what its provider sends is let in, with the names of its fields in any case and order', async () => {
    for (const message of genuineMessages(name, scheme)) {
      expect(await judge(message)).toHaveProperty('replayId')
      const property = fc.asyncProperty(harmless, async ({ apply }) => {
        expect(await judge(apply(message))).toEqual(await judge(message))
      })
      await fc.assert(property, { numRuns: 20 })
    }
  })

  test('of all that can be made of it only the same message is, and nothing throws', async () => {
    const { cases, accepted, refused } = await fuzz(name, judge)
    expect(cases).toBeGreaterThanOrEqual(runs)
    expect(cases - accepted).toBeGreaterThan(cases / 4)
    if (isLong) process.stdout.write(`${name}: ${cases} cases, ${accepted} the same, ${JSON.stringify([...refused])}\n`)
  })
})

describe('a guard that is lenient is found', () => {
  type Lines = Message['lines']
  const eachValue = (repair: (value: string, name: string) => string) => (lines: Lines) =>
    lines.map(([name, value]): [string, string] => [name, repair(value, name.toLowerCase())])
  const lenient: Readonly<Record<string, readonly [scheme: string, read: (lines: Lines) => Lines]>> = {
    'about spaces around a field': ['slack', eachValue((value) => value.trim())],
    'about the case of a prefix': ['github', eachValue((value) => value.toLowerCase())],
    'about the alphabet of base64': ['shopify', eachValue((value) => value.replaceAll('-', '+').replaceAll('_', '/'))],
    'about padding': ['line', eachValue((value) => `${value.replace(/=*$/, '')}=`)],
    'about what is a number': [
      'slack',
      eachValue((value, name) => (name.endsWith('timestamp') ? String(Number(value)) : value)),
    ],
    'about lines that come twice': [
      'stripe',
      (lines) => [...new Map(lines.map(([name, value]) => [name.toLowerCase(), value]))],
    ],
    'about lines that were joined': ['twilio-body', eachValue((value) => value.split(', ')[0]!)],
  }

  test.each(Object.entries(lenient))('%s', async (_, [scheme, read]) => {
    const judge = judgeOf(scheme)
    const found = fuzz(scheme, ({ lines, ...rest }) => judge({ ...rest, lines: read(lines) }), 2000)
    await expect(found).rejects.toThrow('let in')
  })
})
