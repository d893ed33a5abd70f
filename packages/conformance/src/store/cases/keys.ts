import assert from 'node:assert/strict'
import type { KeyQuery, KeyRecord } from '@latchkey/core'
import { atOnce, newKey } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'keys'

/** Texts and data that a database, a C string or a careless copy would change. */
const unusual: Readonly<Record<string, Partial<KeyRecord>>> = {
  'nothing that is optional': { name: null, scopes: [], metadata: {} },
  'a pepper and all of its times': { pepperId: '2026', algorithm: 'hmac-sha256', expiresAtMs: 1, disabledAtMs: 0 },
  'all that limits it': {
    allowedIps: ['192.0.2.0/24', '2001:db8::1'],
    rateLimit: { limit: 1_000_000, windowSeconds: 86_400 },
    quota: { remaining: 0, refill: { amount: 9_000_000_000, everySeconds: 31_536_000 }, refillAtMs: 1_790_000_000_456 },
    idleSeconds: 315_360_000,
    lastUsedAtMs: 1_790_000_000_789,
  },
  'a quota that does not come back': { quota: { remaining: 9_007_199_254_740_991, refill: null, refillAtMs: null } },
  'no address and nothing left': { allowedIps: [], quota: { remaining: 0, refill: null, refillAtMs: null } },
  'a place in a rotation': {
    rotatedFrom: 'abcdefabcdef',
    rotatedTo: 'ABCDEFABCDEF',
    graceOnUseSeconds: 0,
    meterId: 'abcdefabcdef',
    lastUsedAtMs: 0,
  },
  'a lookup and a digest that nobody expects': {
    prefix: '',
    lookup: `\0'"%_ \ud800 💶\ufeff`,
    algorithm: `custom:'\0`,
    digest: '$2b$10$\0\u0001 "',
    allowedIps: ['\0', '\ud800', '"'],
  },
  'quotes and patterns': { name: `'; DROP TABLE keys; -- " \` % _ * ? $1 :id`, ownerId: '%' },
  'NULs and control characters': { name: 'a\0b', ownerId: '\0', metadata: { '\0': '\0\u0001\u001b' } },
  'characters of four bytes, lone surrogates and a BOM': {
    name: '\ufeff💶 e\u0301 é',
    ownerId: '\ud800',
    metadata: { '\udfff': '\ud83d' },
  },
  'names of Object.prototype': {
    ownerId: '__proto__',
    metadata: JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": 1, "toString": null}'),
  },
  'empty texts': { name: '', ownerId: '', prefix: '', environment: '' },
}

export const keyCases: readonly StoreCase[] = [
  ...Object.entries(unusual).map(
    ([what, changes]): StoreCase => ({
      name: `keys: a key with ${what} comes back as it was`,
      facet,
      run: async ({ keys }) => {
        const record = newKey(changes)
        assert.equal(await keys.insert(record), 'ok')
        assert.deepEqual(await keys.find(record.id), record)
        assert.deepEqual(await keys.list({ ownerId: record.ownerId, limit: 10 }), [record])
        if (record.lookup !== null) assert.deepEqual(await keys.findByLookup([record.lookup]), record)
        assert.equal(({} as { isAdmin?: boolean }).isAdmin, undefined)
      },
    }),
  ),
  {
    name: 'keys: an id that is taken stays with its first key',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      await keys.insert(record)
      assert.equal(await keys.insert(newKey({ id: record.id, ownerId: 'mallory' })), 'taken')
      assert.deepEqual(await keys.find(record.id), record)
    },
  },
  {
    name: 'keys: of 64 inserts of one id at once exactly one succeeds, whole',
    facet,
    run: async ({ keys }) => {
      const records = Array.from({ length: 64 }, (_, index) =>
        newKey({ id: 'abcdefABCDEF', ownerId: `owner ${index}` }),
      )
      const answers = await atOnce(64, async (index) => keys.insert(records[index]!))
      assert.equal(answers.filter((answer) => answer === 'ok').length, 1)
      assert.deepEqual(await keys.find('abcdefABCDEF'), records[answers.indexOf('ok')])
    },
  },
  {
    name: 'keys: ids are told apart by case, and an unknown one is undefined',
    facet,
    run: async ({ keys }) => {
      const [lower, upper] = [newKey({ id: 'abcdefabcdef' }), newKey({ id: 'ABCDEFABCDEF' })]
      for (const record of [lower, upper]) assert.equal(await keys.insert(record), 'ok')
      assert.deepEqual(await keys.find(lower.id), lower)
      assert.deepEqual(await keys.find(upper.id), upper)
      for (const id of ['abcdefabcdeF', '__proto__', 'constructor', '']) assert.equal(await keys.find(id), undefined)
    },
  },
  {
    name: 'keys: the first revocation stands',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      await keys.insert(record)
      assert.equal(await keys.revoke(record.id, 1000, 'leaked\0'), true)
      assert.equal(await keys.revoke(record.id, 2000, 'again'), true)
      assert.deepEqual(await keys.find(record.id), { ...record, revokedAtMs: 1000, revocationReason: 'leaked\0' })
    },
  },
  {
    name: 'keys: of 64 revocations at once one stands, with its own reason',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      await keys.insert(record)
      const answers = await atOnce(64, async (index) => keys.revoke(record.id, index, `reason ${index}`))
      assert.ok(answers.every(Boolean))
      const found = (await keys.find(record.id))!
      assert.equal(found.revocationReason, `reason ${found.revokedAtMs}`)
    },
  },
  {
    name: 'keys: a key is disabled and enabled, and nothing else of it changes',
    facet,
    run: async ({ keys }) => {
      const record = newKey()
      await keys.insert(record)
      assert.equal(await keys.setDisabled(record.id, 1000), true)
      assert.deepEqual(await keys.find(record.id), { ...record, disabledAtMs: 1000 })
      assert.equal(await keys.setDisabled(record.id, null), true)
      assert.deepEqual(await keys.find(record.id), record)
    },
  },
  {
    name: 'keys: revoking and enabling at once, neither undoes the other',
    facet,
    run: async ({ keys }) => {
      for (let round = 0; round < 16; round++) {
        const record = newKey({ disabledAtMs: 500 })
        await keys.insert(record)
        await atOnce(8, async (index) =>
          index % 2 === 0 ? keys.revoke(record.id, 1000, null) : keys.setDisabled(record.id, null),
        )
        assert.deepEqual(await keys.find(record.id), { ...record, disabledAtMs: null, revokedAtMs: 1000 })
      }
    },
  },
  {
    name: 'keys: writes to a key that is not there are false, and none comes about',
    facet,
    run: async ({ keys }) => {
      assert.equal(await keys.revoke('absentabsent', 1000, null), false)
      assert.equal(await keys.setDisabled('absentabsent', 1000), false)
      assert.equal(await keys.find('absentabsent'), undefined)
    },
  },
  {
    name: 'keys: pages go through one owner’s keys, or all, in the order of their ids',
    facet,
    run: async ({ keys }) => {
      const records = Array.from({ length: 25 }, (_, index) => newKey({ ownerId: index % 5 === 0 ? 'bob' : 'alice' }))
      for (const record of records) await keys.insert(record)
      const ordered = records.toSorted((a, b) => (a.id < b.id ? -1 : 1))
      for (const owner of ['alice', 'bob', undefined]) {
        const expected = ordered.filter(({ ownerId }) => owner === undefined || ownerId === owner)
        const found: KeyRecord[] = []
        for (let page = await keys.list({ limit: 7, ...of(owner) }); page.length > 0; ) {
          assert.ok(page.length <= 7)
          found.push(...page)
          page = await keys.list({ limit: 7, ...of(owner), after: page.at(-1)!.id })
        }
        assert.deepEqual(found, expected)
      }
      for (const ownerId of ['%', '_ob', 'BOB', 'bob ', '__proto__']) {
        assert.deepEqual(await keys.list({ ownerId, limit: 10 }), [])
      }
    },
  },
  {
    name: 'keys: pages are of one environment, and of names in which a text stands letter for letter',
    facet,
    run: async ({ keys }) => {
      const names = ['Billing', 'billing 100%', 'a_b', 'a\\b', 'a\0b', '\ufeffbilling', '\ud800 u0000', '💶"', '', null]
      const records = names.map((name, index) => newKey({ name, environment: index % 2 === 0 ? 'live' : 'test' }))
      for (const record of records) await keys.insert(record)
      const all = async (query: Omit<KeyQuery, 'limit'>) => {
        const found: (string | null)[] = []
        for (let after = ''; ; ) {
          const page = await keys.list({ ...query, after, limit: 2 })
          if (page.length === 0) return found.sort()
          found.push(...page.map(({ name }) => name))
          after = page.at(-1)!.id
        }
      }
      for (const text of ['illing', 'B', '%', '_', '\\', 'a\0', '\0', '\ufeff', '\ud800', 'u0000', '"', '', 'absent']) {
        const expected = names.filter((name) => name?.includes(text)).sort()
        assert.deepEqual(await all({ nameContains: text }), expected, JSON.stringify(text))
      }
      for (const environment of ['live', 'test']) {
        const expected = records.filter((record) => record.environment === environment).map(({ name }) => name)
        assert.deepEqual(await all({ environment }), expected.sort())
        assert.deepEqual(
          await all({ environment, nameContains: 'illing', ownerId: 'alice' }),
          expected.filter((name) => name?.includes('illing')),
        )
      }
      for (const environment of ['LIVE', 'li%', '']) assert.deepEqual(await all({ environment }), [])
      assert.deepEqual(await all({ environment: 'live', ownerId: 'bob' }), [])
    },
  },
  {
    name: 'keys: a record that its giver changes afterwards stays as it was in the store',
    facet,
    run: async ({ keys }) => {
      const metadata = { plan: 'gold' }
      const scopes = ['payments:read']
      const record = newKey({ metadata, scopes })
      await keys.insert(record)
      metadata.plan = 'free'
      scopes.push('admin')
      const found = await keys.find(record.id)
      assert.deepEqual(found, { ...record, metadata: { plan: 'gold' }, scopes: ['payments:read'] })
    },
  },
]

function of(ownerId: string | undefined): { ownerId?: string } {
  return ownerId === undefined ? {} : { ownerId }
}
