import assert from 'node:assert/strict'
import { altered, isKeyRefusal, keyRefusals, recomputed, unknownKey } from '../api-key-refusals.js'
import { type Answer, call, field, freshKey, inject, jsonOf, runs } from '../call.js'
import { isReply } from '../expectations.js'
import { type AdapterCase, type Caller, under } from '../lab.js'

const whoami = 'GET /whoami'
const charge = 'POST /idem/charge'

/** The whole answer but its date. */
function bytesOf({ status, headers, body }: Answer): string {
  return JSON.stringify([status, headers.filter(([name]) => name !== 'date'), body.toString()])
}

const perState = (['revoked', 'disabled', 'expired'] as const).map(
  (state): AdapterCase => ({
    name: `the owner of a key that is ${state} is told so`,
    run: async (lab) => isKeyRefusal(await call(lab, whoami, { as: state }), keyRefusals[state]),
  }),
)

export const apiKeyCases: readonly AdapterCase[] = [
  {
    name: 'a request without a credential is challenged',
    run: async (lab) => isKeyRefusal(await call(lab, whoami), keyRefusals.missing),
  },
  {
    name: 'a key tells who is calling',
    run: async (lab) => {
      const answer = await call(lab, whoami, { as: 'alice' })
      isReply(answer, 200)
      const { keyId, ...rest } = jsonOf(answer)
      assert.deepEqual(rest, { ownerId: 'alice', environment: 'live', scopes: ['payments:read', 'payments:write'] })
      assert.ok(lab.keys.alice.includes(`_${keyId}_`))
    },
  },
  {
    name: 'bad shape, bad checksum, unknown id, wrong secret and a revoked id with a wrong secret look alike to the byte',
    run: async (lab) => {
      const presented = {
        'bad shape': 'acme_live_short',
        'bad checksum': altered(lab.keys.alice, -1),
        'unknown id': unknownKey('live'),
        'wrong secret': recomputed(altered(lab.keys.alice, -10)),
        'wrong secret, revoked id': recomputed(altered(lab.keys.revoked, -10)),
        'wrong secret, expired id': recomputed(altered(lab.keys.expired, -10)),
        'wrong secret, other environment': recomputed(altered(lab.keys.test, -10)),
      }
      const bodies = new Set<string>()
      for (const [why, key] of Object.entries(presented)) {
        const answer = await call(lab, whoami, { headers: { Authorization: `Bearer ${key}` } })
        isKeyRefusal(answer, keyRefusals.invalid, why)
        bodies.add(bytesOf(answer))
      }
      assert.equal(bodies.size, 1, [...bodies].join('\n'))
    },
  },
  ...perState,
  {
    name: 'a key of another environment is forbidden',
    run: async (lab) => isKeyRefusal(await call(lab, whoami, { as: 'test' }), keyRefusals.environment),
  },
  {
    name: 'a key without the scope is forbidden and told which scope',
    run: async (lab) => {
      isKeyRefusal(await call(lab, 'POST /scoped/write', { as: 'reader' }), keyRefusals.scope)
      isReply(await call(lab, 'POST /scoped/write', { as: 'alice' }), 200)
    },
  },
  {
    name: 'where the caller is known, caches are told on what the reply depends',
    run: async (lab) => {
      const bearer = await call(lab, whoami, { as: 'alice' })
      const names = (field(bearer, 'vary') ?? '').toLowerCase().split(/\s*,\s*/)
      assert.ok(names.includes('authorization') && names.includes('x-api-key'), names.join())
      assert.equal(field(bearer, 'cache-control'), undefined)
      const header = await call(lab, whoami, { headers: { 'X-API-Key': lab.keys.alice } })
      assert.equal(field(header, 'cache-control'), 'private')
    },
  },
  {
    name: 'caches are told with a replay what they are told with a first reply',
    run: async (lab) => {
      const options = { key: freshKey(), json: {}, headers: { 'X-API-Key': lab.keys.alice } }
      const [first, replay] = [await call(lab, charge, options), await call(lab, charge, options)]
      assert.equal(field(replay, 'idempotent-replayed'), 'true')
      for (const answer of [first, replay]) {
        assert.equal(field(answer, 'cache-control'), 'private')
        assert.match(field(answer, 'vary') ?? '', /authorization.*x-api-key/i)
      }
    },
  },
  {
    name: 'a dead key gets the same bytes every time',
    run: async (lab) => {
      for (const as of ['revoked', 'disabled', 'expired'] as const) {
        const answers = new Set<string>()
        for (let time = 0; time < 3; time++) answers.add(bytesOf(await call(lab, whoami, { as })))
        assert.equal(answers.size, 1, [...answers].join('\n'))
      }
    },
  },
  {
    name: 'a key in the query or in a cookie is not looked at',
    run: async (lab) => {
      const { alice } = lab.keys
      const query = new URLSearchParams({ api_key: alice, apiKey: alice, key: alice, access_token: alice })
      const headers = { Cookie: `api_key=${alice}; X-API-Key=${alice}` }
      isKeyRefusal(await call(lab, `${whoami}?${query}`, { headers }), keyRefusals.missing)
    },
  },
  {
    name: 'a refused caller reaches neither the handler nor the store of replies',
    run: async (lab) => {
      const key = freshKey()
      for (const as of ['revoked', 'disabled', 'expired', 'test'] as Caller[]) {
        const { status } = await call(lab, 'POST /idem/charge', { as, key, json: { amount: 1 } })
        assert.ok(status === 401 || status === 403, String(status))
      }
      assert.equal((await call(lab, 'POST /idem/charge', { key, json: { amount: 1 } })).status, 401)
      assert.equal(await runs(lab), 0)
      isReply(await call(lab, 'POST /idem/charge', { as: 'alice', key, json: { amount: 1 } }), 201)
      assert.equal((await call(lab, 'POST /idem/charge', { as: 'revoked', key, json: { amount: 1 } })).status, 401)
      assert.equal(await runs(lab), 1)
    },
  },
  {
    name: 'a HEAD request is refused with the same head and no body',
    run: async (lab) => {
      const answer = await call(lab, 'HEAD /whoami')
      assert.equal(answer.status, 401)
      assert.equal(answer.body.length, 0)
      assert.match(field(answer, 'www-authenticate') ?? '', /^Bearer realm="[^"]*"$/)
    },
  },
  {
    name: 'a preflight passes, any other OPTIONS request does not',
    run: async (lab) => {
      const preflight = { Origin: 'https://shop.example', 'Access-Control-Request-Method': 'POST' }
      const passed = await call(lab, 'OPTIONS /whoami', { headers: preflight })
      assert.ok(![400, 401, 403].includes(passed.status), String(passed.status))
      isKeyRefusal(await call(lab, 'OPTIONS /whoami'), keyRefusals.missing)
      isKeyRefusal(
        await call(lab, 'OPTIONS /whoami', { headers: { Origin: 'https://shop.example' } }),
        keyRefusals.missing,
      )
      const overridden = { ...preflight, 'X-HTTP-Method-Override': 'OPTIONS' }
      isKeyRefusal(await call(lab, 'POST /scoped/write', { headers: overridden }), keyRefusals.missing)
    },
  },
  {
    name: 'while keys cannot be read nobody gets in, and a typo is still told from a key',
    run: async (lab) => {
      await inject(lab, { keys: 'fail' })
      const key = freshKey()
      isKeyRefusal(await call(lab, 'POST /idem/charge', { as: 'alice', key, json: {} }), keyRefusals.unavailable)
      const typo = { Authorization: `Bearer ${altered(lab.keys.alice, -1)}` }
      isKeyRefusal(await call(lab, whoami, { headers: typo }), keyRefusals.invalid)
      await inject(lab, { keys: 'ok' })
      assert.equal(await runs(lab), 0)
      isReply(await call(lab, 'POST /idem/charge', { as: 'alice', key, json: {} }), 201)
    },
  },
  ...under({ apiKey: { storeTimeoutSeconds: 0.1 } }, [
    {
      name: 'a key store that does not answer is given up in time',
      run: async (lab) => {
        await inject(lab, { keys: 'hang' })
        isKeyRefusal(await call(lab, whoami, { as: 'alice' }), keyRefusals.unavailable)
      },
    },
  ]),
  ...under({ apiKey: { revealReason: false } }, [
    {
      name: 'a guard that keeps its reasons to itself calls every dead key invalid',
      run: async (lab) => {
        for (const as of ['revoked', 'disabled', 'expired'] as const) {
          isKeyRefusal(await call(lab, whoami, { as }), keyRefusals.invalid)
        }
      },
    },
  ]),
  ...under({ apiKey: { optional: true } }, [
    {
      name: 'where a key is optional none is fine and a bad one is not',
      run: async (lab) => {
        isReply(await call(lab, whoami), 200)
        isKeyRefusal(await call(lab, whoami, { as: 'revoked' }), keyRefusals.revoked)
        const foreign = { headers: { Authorization: 'Bearer not.one.of.ours' } }
        isKeyRefusal(await call(lab, whoami, foreign), keyRefusals.invalid)
      },
    },
    {
      name: 'a caller whom nobody knows shares idempotency keys with nobody',
      run: async (lab) => {
        const answer = await call(lab, 'POST /idem/charge', { key: freshKey(), json: {} })
        isKeyRefusal(answer, keyRefusals.missing)
        assert.equal(await runs(lab), 0)
      },
    },
  ]),
]
