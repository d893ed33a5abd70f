import assert from 'node:assert/strict'
import { gunzipSync } from 'node:zlib'
import { call, entered, field, freshKey, runs, until } from '../call.js'
import { isFirst, isRefusal, isReplayOf, isReply, refused } from '../expectations.js'
import { type AdapterCase, under } from '../lab.js'
import { twice } from '../twice.js'

/** Every way to answer that a store can hold. */
const kinds: Readonly<Record<string, number>> = {
  'kind=json': 201,
  'kind=text': 201,
  'kind=text&bytes=0': 201,
  'kind=text&bytes=100000': 201,
  'kind=binary': 201,
  'kind=binary&bytes=300000': 201,
  'kind=empty': 204,
  'kind=redirect': 303,
  'kind=end': 201,
  'kind=head-array': 201,
  'kind=gzip': 201,
  'kind=stream': 201,
  'kind=stream&bytes=0': 201,
  'kind=stream&bytes=100000': 201,
  'kind=json&delayMs=20': 201,
  'kind=stream&bytes=5000&delayMs=20': 201,
  'kind=status&status=304': 304,
  'kind=status&status=205': 205,
  'kind=status&status=404': 404,
  'kind=throw&how=http&status=422': 422,
  'kind=throw&how=http&status=400': 400,
}

const perKind = Object.entries(kinds).map(
  ([query, status]): AdapterCase => ({
    name: `replay: ${query} is answered twice and run once`,
    run: async (lab) => {
      const request = { as: 'alice', key: freshKey(), json: { amount: 5 } } as const
      const first = await call(lab, `POST /idem/charge?${query}`, request)
      isReply(first, status)
      isReplayOf(first, await call(lab, `POST /idem/charge?${query}`, request))
      isReplayOf(first, await call(lab, `POST /idem/charge?${query}`, request))
      assert.equal(await runs(lab), 1)
    },
  }),
)

const stored = [200, 201, 202, 206, 300, 301, 302, 307, 308, 400, 402, 404, 405, 406, 410, 412, 418, 422, 428, 451]
const releasedStatuses = [401, 403, 407, 408, 409, 421, 423, 425, 429, 500, 501, 502, 503, 504, 599]

export const replayCases: readonly AdapterCase[] = [
  ...perKind,
  {
    name: 'replay: statuses that settle the matter are stored',
    run: async (lab) => {
      for (const status of stored) {
        const [first, again] = await twice(`kind=status&status=${status}`, lab)
        isReply(first, status)
        isReplayOf(first, again)
      }
      assert.equal(await runs(lab), stored.length)
    },
  },
  {
    name: 'replay: statuses after which a retry can succeed are not stored',
    run: async (lab) => {
      for (const status of releasedStatuses) {
        for (const answer of await twice(`kind=status&status=${status}`, lab)) isReply(answer, status)
      }
      assert.equal(await runs(lab), 2 * releasedStatuses.length)
    },
  },
  {
    name: 'replay: the fields of the first reply are kept, its cookies are not',
    run: async (lab) => {
      const [first, again] = await twice('kind=json', lab)
      assert.equal(first.headers.filter(([name]) => name === 'set-cookie').length, 2)
      for (const name of ['location', 'etag', 'x-custom', 'content-type']) {
        assert.ok(field(first, name) !== undefined && field(again, name) === field(first, name), name)
      }
      assert.equal(field(again, 'content-length'), String(first.body.length))
      assert.equal(field(again, 'set-cookie'), undefined)
    },
  },
  {
    name: 'replay: nothing that a client sends forges the marker',
    run: async (lab) => {
      const forged = { 'Idempotent-Replayed': 'true', 'Idempotency-Status': 'bypassed' }
      isReply(await call(lab, 'POST /idem/charge', { as: 'alice', key: freshKey(), json: {}, headers: forged }), 201)
    },
  },
  ...['sync', 'async', 'next'].map(
    (how): AdapterCase => ({
      name: `a handler that throws (${how}) frees the key for the retry`,
      run: async (lab) => {
        for (const answer of await twice(`kind=throw&how=${how}`, lab)) isReply(answer, 500)
        for (const answer of await twice(`kind=throw&how=${how}&delayMs=5`, lab)) isReply(answer, 500)
        assert.equal(await runs(lab), 4)
      },
    }),
  ),
  {
    name: "the framework's own error of a released status frees the key",
    run: async (lab) => {
      for (const answer of await twice('kind=throw&how=http&status=409', lab)) isReply(answer, 409)
      assert.equal(await runs(lab), 2)
    },
  },
  {
    name: 'a handler whose effects are out is never run again, although it throws',
    run: async (lab) => {
      const [first, again] = await twice('kind=pin-then-throw', lab)
      isReply(first, 500)
      isReplayOf(first, again)
      assert.equal(await runs(lab), 1)
    },
  },
  ...under({ idempotency: { serverErrors: 'store' } }, [
    {
      name: 'where server errors are stored, they are replayed',
      run: async (lab) => {
        for (const query of ['kind=status&status=503', 'kind=throw&how=async', 'kind=throw&how=sync']) {
          const [first, again] = await twice(query, lab)
          assert.ok(first.status >= 500)
          isReplayOf(first, again)
        }
        assert.equal(await runs(lab), 3)
      },
    },
  ]),
  {
    name: 'a handler that never answers keeps its key',
    run: async (lab) => {
      const gone = new AbortController()
      const request = { as: 'alice', key: freshKey(), json: {} } as const
      const pending = call(lab, 'POST /idem/charge?kind=never', { ...request, signal: gone.signal }).catch(() => {})
      await entered(lab)
      isRefusal(await call(lab, 'POST /idem/charge?kind=never', request), refused.inProgress)
      gone.abort()
      await pending
      isRefusal(await call(lab, 'POST /idem/charge?kind=never', request), refused.inProgress)
      assert.equal(await runs(lab), 1)
    },
  },
  ...['json', 'text&bytes=100000', 'stream&bytes=20000', 'end'].map(
    (kind): AdapterCase => ({
      name: `a client that gave up gets the reply (${kind}) on retry`,
      run: async (lab) => {
        const gone = new AbortController()
        const line = `POST /idem/charge?kind=${kind}&delayMs=150`
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const given = call(lab, line, { ...request, signal: gone.signal }).catch(() => {})
        await entered(lab)
        gone.abort()
        await given
        const settled = await until(
          () => call(lab, line, request),
          ({ status, body }) => status !== 409 || !body.includes('in-progress'),
        )
        // A stream that is piped into a closed connection is cut short: its reply is lost, and it is not run again.
        if (kind.startsWith('stream') && settled.status === 409) {
          isRefusal(settled, { ...refused.responseUnavailable, members: { originalStatus: 201 } })
        } else {
          assert.equal(settled.status, 201)
          assert.equal(field(settled, 'idempotent-replayed'), 'true')
          isReplayOf(settled, await call(lab, line, request))
        }
        assert.equal(await runs(lab), 1)
      },
    }),
  ),
  ...(
    [
      ['kind=throw&how=http&status=422', 422],
      ['kind=pin-then-throw', 500],
    ] as const
  ).map(
    ([query, status]): AdapterCase => ({
      name: `a client that gave up gets on retry what was made of the handler's error (${query})`,
      run: async (lab) => {
        const gone = new AbortController()
        const line = `POST /idem/charge?${query}&delayMs=150`
        const request = { as: 'alice', key: freshKey(), json: {} } as const
        const given = call(lab, line, { ...request, signal: gone.signal }).catch(() => {})
        await entered(lab)
        gone.abort()
        await given
        const settled = await until(
          () => call(lab, line, request),
          (answer) => answer.status !== 409 || !answer.body.includes('in-progress'),
        )
        assert.equal(settled.status, status)
        assert.equal(field(settled, 'idempotent-replayed'), 'true')
        assert.equal(await runs(lab), 1)
      },
    }),
  ),
  {
    name: 'replay: what the handler has compressed is compressed once, then and later',
    run: async (lab) => {
      const [first, again] = await twice('kind=gzip', lab)
      for (const { body } of [first, again]) assert.equal(JSON.parse(gunzipSync(body).toString()).run, 1)
    },
  },
  {
    name: 'behind compression plain bytes are stored, and each client gets what it accepts',
    run: async (lab) => {
      const gzip = { 'Accept-Encoding': 'gzip' }
      const plain = { 'Accept-Encoding': 'identity' }
      for (const [one, other] of [
        [gzip, plain],
        [plain, gzip],
      ] as const) {
        const request = { as: 'alice', key: freshKey(), json: { note: 'x'.repeat(3000) } } as const
        const first = await call(lab, 'POST /gzip/charge', { ...request, headers: one })
        const again = await call(lab, 'POST /gzip/charge', { ...request, headers: other })
        isFirst(first)
        assert.equal(field(again, 'idempotent-replayed'), 'true')
        const compressed = one === gzip ? first : again
        assert.equal(field(compressed, 'content-encoding'), 'gzip')
        const bare = one === gzip ? again : first
        assert.equal(field(bare, 'content-encoding'), undefined)
        assert.ok(gunzipSync(compressed.body).equals(bare.body))
        assert.equal(field(again, 'etag')?.replace('W/', ''), field(first, 'etag')?.replace('W/', ''))
        const once = await call(lab, 'POST /gzip/charge', { ...request, headers: one })
        assert.ok(once.body.equals(first.body) && once.status === first.status)
      }
      assert.equal(await runs(lab), 2)
    },
  },
]
