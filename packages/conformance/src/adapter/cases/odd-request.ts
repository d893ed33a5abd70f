import assert from 'node:assert/strict'
import { call, field, freshKey, jsonOf, runs } from '../call.js'
import { isReplayOf, isReply } from '../expectations.js'
import type { AdapterCase, Lab } from '../lab.js'
import { exchange } from '../wire.js'

/** A charge as lines, with a key that nobody has used. */
function head({ keys }: Lab, ...lines: readonly string[]): string[] {
  const own = ['Host: lab', `Authorization: Bearer ${keys.alice}`, 'Content-Type: application/json']
  return ['POST /idem/charge HTTP/1.1', ...own, `Idempotency-Key: ${freshKey()}`, ...lines]
}

/** What Node's own parser refuses before anybody of ours is asked; a change of it would be seen here. */
const malformed: Readonly<Record<string, readonly string[]>> = {
  'a length and a transfer coding': ['Content-Length: 2', 'Transfer-Encoding: chunked'],
  'two lengths': ['Content-Length: 2', 'Content-Length: 3'],
  'a negative length': ['Content-Length: -2'],
  'a folded line': ['X-Folded: a', ' b', 'Content-Length: 2'],
  'a space before the colon': ['X-Spaced : a', 'Content-Length: 2'],
  'a NUL in a field': ['X-Zero: a\u0000b', 'Content-Length: 2'],
  'a bare carriage return': ['X-Return: a\rb', 'Content-Length: 2'],
  'an unknown transfer coding': ['Transfer-Encoding: chunked, identity'],
}

const perMalformed = Object.entries(malformed).map(
  ([name, lines]): AdapterCase => ({
    name: `odd requests: ${name} reaches nobody`,
    run: async (lab) => {
      assert.equal((await exchange(lab, head(lab, ...lines), '{}')).status, 400)
      assert.equal(await runs(lab), 0)
    },
  }),
)

export const oddRequestCases: readonly AdapterCase[] = [
  ...perMalformed,
  {
    name: 'odd requests: a head that is too long is refused by the server, and the server lives on',
    run: async (lab) => {
      const long = await exchange(lab, head(lab, `X-Long: ${'a'.repeat(20_000)}`, 'Content-Length: 2'), '{}')
      assert.equal(long.status, 431)
      const fields = Array.from({ length: 1500 }, (_, index) => `X-${index}: ${index}`)
      assert.ok([201, 431].includes((await exchange(lab, head(lab, ...fields, 'Content-Length: 2'), '{}')).status))
      assert.deepEqual(jsonOf(await call(lab, 'GET /health')), { ok: true })
    },
  },
  {
    name: 'odd requests: a million brackets are a body like any other',
    run: async (lab) => {
      const depth = 500_000
      const body = '['.repeat(depth) + ']'.repeat(depth)
      const request = { as: 'alice', key: freshKey(), type: 'text/plain', body } as const
      const first = await call(lab, 'POST /idem/charge?kind=text', request)
      isReply(first, 201)
      isReplayOf(first, await call(lab, 'POST /idem/charge?kind=text', request))
      const asJson = { as: 'alice', key: freshKey(), type: 'application/json', body } as const
      await call(lab, 'POST /idem/charge?kind=text', asJson)
      assert.deepEqual(jsonOf(await call(lab, 'GET /health')), { ok: true })
    },
  },
  {
    name: 'odd requests: names of the prototype are ordinary names',
    run: async (lab) => {
      const body = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'
      const request = { as: 'alice', key: '__proto__', type: 'application/json', body } as const
      const first = await call(lab, 'POST /idem/charge?__proto__=1', request)
      assert.equal(first.status, 201)
      assert.ok(first.body.includes('"__proto__":{"polluted":true}'))
      isReplayOf(first, await call(lab, 'POST /idem/charge?__proto__=1', request))
      assert.equal((await call(lab, 'POST /idem/charge', { as: 'bob', key: 'constructor', json: {} })).status, 201)
    },
  },
  {
    name: 'odd requests: an HTTP/1.0 client gets the reply and its replay',
    run: async (lab) => {
      const [, ...lines] = head(lab, 'Content-Length: 2')
      const old = ['POST /idem/charge?kind=stream&bytes=3000 HTTP/1.0', ...lines]
      const first = await exchange(lab, old, '{}')
      isReply(first, 201)
      assert.equal(first.body.length, 3000)
      isReplayOf(first, await exchange(lab, old, '{}'))
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'odd requests: a body that the guard need not read may be larger than it would',
    run: async (lab) => {
      const body = Buffer.alloc(1_500_000, 1)
      const answer = await call(lab, 'POST /optional/charge', { as: 'alice', body })
      isReply(answer, 201)
      assert.equal(field(answer, 'idempotent-replayed'), undefined)
    },
  },
  {
    name: 'odd requests: thirty keys, ten copies of each at once, run thirty times',
    run: async (lab) => {
      const keys = Array.from({ length: 30 }, freshKey)
      const copies = keys.flatMap((key) => Array.from({ length: 10 }, () => ({ as: 'alice', key, json: {} }) as const))
      const answers = await Promise.all(copies.map((copy) => call(lab, 'POST /idem/charge?delayMs=5', copy)))
      for (const { status } of answers) assert.ok(status === 201 || status === 409, String(status))
      assert.equal(await runs(lab), keys.length)
    },
  },
]
