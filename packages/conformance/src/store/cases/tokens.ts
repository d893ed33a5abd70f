import assert from 'node:assert/strict'
import type { TokenRecord } from '@latchkey/core'
import { atOnce, digest, newTokenRecord } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'tokens'
const confirmation = 'email-confirmation'
const replacing = { replaces: true }

/** Texts that a database, a C string or a pattern would take for something else. */
const unusual: Readonly<Record<string, Partial<TokenRecord>>> = {
  'quotes and patterns': { subject: `'; DROP TABLE tokens; -- " \` % _ * ? [a] $1 :id`, data: `{"a":"'%\\""}` },
  'NULs and control characters': { subject: 'a\0b \u001b', data: '{"\\u0000":"\\u0000"}' },
  'characters of four bytes, lone surrogates and a BOM': { subject: '\ufeff💶 \ud800', data: '{"💶":"e\u0301 é"}' },
  'names of Object.prototype': { subject: '__proto__', data: '{"__proto__":{"isAdmin":true},"constructor":1}' },
  'empty texts': { subject: '', data: '' },
  'as much as there may be': {
    subject: '\u{1F511}'.repeat(255),
    purpose: 'z'.repeat(64),
    data: `{"a":"${'x'.repeat(4088)}"}`,
  },
}

function isThere<Value>(value: Value | undefined): value is Value {
  return value !== undefined
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

/** The works in their order, with `another` twice in the middle. */
function betweenTwoHalves<Answer>(works: ReadonlyArray<() => Promise<Answer>>, another: () => Promise<Answer>) {
  const all = works.toSpliced(works.length / 2, 0, another, another)
  return (index: number) => all[index]!()
}

export const tokenCases: readonly StoreCase[] = [
  ...Object.entries(unusual).map(
    ([what, changes]): StoreCase => ({
      name: `tokens: a token with ${what} comes back as it was`,
      facet,
      run: async (trial) => {
        const [record, other] = [newTokenRecord(changes), newTokenRecord(changes)]
        await trial.issue(record)
        await trial.issue(other)
        assert.deepEqual(await trial.consume(record), record)
        assert.equal(await trial.revokeAll(record.subject, record.purpose), 1)
      },
    }),
  ),
  {
    name: 'tokens: of 64 that consume one at once exactly one gets it, whole',
    facet,
    run: async (trial) => {
      const [record, other] = [newTokenRecord(), newTokenRecord()]
      for (const each of [record, other]) await trial.issue(each)
      const answers = await atOnce(64, () => trial.consume(record))
      assert.deepEqual(answers.filter(isThere), [record])
      assert.deepEqual(await trial.consume(other), other)
    },
  },
  {
    name: 'tokens: one that was consumed or was never there is undefined, and ids are compared byte by byte',
    facet,
    run: async (trial) => {
      const record = newTokenRecord({ id: 'a'.repeat(43) })
      await trial.issue(record)
      for (const id of ['A'.repeat(43), `${'a'.repeat(43)} `, 'a'.repeat(42), '%', '__proto__', '']) {
        assert.equal(await trial.consume({ id }), undefined, id)
      }
      assert.deepEqual(await trial.consume(record), record)
      for (const each of [record, newTokenRecord()]) assert.equal(await trial.consume(each), undefined)
    },
  },
  {
    name: 'tokens: one is good for its ttl, by the store’s clock, and then counts for nothing',
    facet,
    run: async (trial) => {
      const [first, second, third] = [newTokenRecord(), newTokenRecord(), newTokenRecord()]
      for (const each of [first, second]) await trial.issue(each)
      await trial.issue(third, { ttlSeconds: 60 })
      await trial.advance(20)
      assert.deepEqual(await trial.consume(first), first)
      await trial.advance(15)
      assert.equal(await trial.consume(second), undefined)
      assert.equal(await trial.revokeAll('alice'), 1)
      assert.equal(await trial.consume(third), undefined)
    },
  },
  {
    name: 'tokens: insert tells when the token expires',
    facet,
    run: async (trial) => {
      const early = await trial.issue(newTokenRecord())
      await trial.advance(5)
      const late = await trial.issue(newTokenRecord())
      assert.ok(Number.isSafeInteger(early) && early > 1_700_000_000_000)
      // A clock that runs has run a little further; a timer may be a millisecond early, and the two times are whole ones.
      const passedMs = late - early
      assert.ok(trial.isClockInjected ? passedMs === 5000 : passedMs >= trial.scaled(5000) - 2)
    },
  },
  {
    name: 'tokens: one ends at its very millisecond',
    facet,
    needsInjectedClock: true,
    run: async (trial) => {
      const [early, late] = [newTokenRecord(), newTokenRecord()]
      for (const each of [early, late]) await trial.issue(each)
      await trial.advance(29.999)
      assert.deepEqual(await trial.consume(early), early)
      await trial.advance(0.001)
      assert.equal(await trial.revokeAll('alice'), 0)
      assert.equal(await trial.consume(late), undefined)
    },
  },
  {
    name: 'tokens: revoking ends all that a subject has, counts them, and touches no other subject',
    facet,
    run: async (trial) => {
      const mine = [newTokenRecord(), newTokenRecord(), newTokenRecord({ purpose: confirmation })]
      const others = ['ALICE', 'alice ', 'a%', '_lice', '*', 'alice"', 'bob'].map((subject) =>
        newTokenRecord({ subject }),
      )
      for (const each of [...mine, ...others]) await trial.issue(each)
      assert.equal(await trial.revokeAll('a%'), 1)
      assert.equal(await trial.revokeAll('alice'), 3)
      for (const each of mine) assert.equal(await trial.consume(each), undefined)
      for (const each of others) {
        assert.deepEqual(await trial.consume(each), each.subject === 'a%' ? undefined : each)
      }
      assert.equal(await trial.revokeAll('alice'), 0)
      assert.equal(await trial.revokeAll('nobody'), 0)
    },
  },
  {
    name: 'tokens: revoking one purpose leaves the others',
    facet,
    run: async (trial) => {
      const [reset, confirm] = [newTokenRecord(), newTokenRecord({ purpose: confirmation })]
      for (const each of [reset, confirm]) await trial.issue(each)
      for (const purpose of ['password', 'PASSWORD-RESET', '%'])
        assert.equal(await trial.revokeAll('alice', purpose), 0)
      assert.equal(await trial.revokeAll('alice', reset.purpose), 1)
      assert.equal(await trial.consume(reset), undefined)
      assert.deepEqual(await trial.consume(confirm), confirm)
    },
  },
  {
    name: 'tokens: what was consumed is not revoked, and a new one after a revocation is good',
    facet,
    run: async (trial) => {
      const [used, later] = [newTokenRecord(), newTokenRecord()]
      await trial.issue(used)
      await trial.consume(used)
      assert.equal(await trial.revokeAll('alice'), 0)
      await trial.issue(later)
      assert.deepEqual(await trial.consume(later), later)
    },
  },
  {
    name: 'tokens: consumed and revoked at once, each is one of the two',
    facet,
    run: async (trial) => {
      for (let round = 0; round < 8; round++) {
        const records = Array.from({ length: 16 }, () => newTokenRecord())
        for (const each of records) await trial.issue(each)
        const uses = records.map((each) => async () => ((await trial.consume(each)) === undefined ? 0 : 1))
        const ended = await atOnce(
          18,
          betweenTwoHalves(uses, () => trial.revokeAll('alice')),
        )
        assert.equal(sum(ended), 16)
        for (const each of records) assert.equal(await trial.consume(each), undefined)
      }
    },
  },
  {
    name: 'tokens: issued and revoked at once, each is revoked or good, and a second revocation ends the rest',
    facet,
    run: async (trial) => {
      const records = Array.from({ length: 32 }, () => newTokenRecord())
      const issues = records.map((each) => async () => 0 * (await trial.issue(each)))
      const revoked = await atOnce(
        34,
        betweenTwoHalves(issues, () => trial.revokeAll('alice')),
      )
      assert.equal(sum(revoked) + (await trial.revokeAll('alice')), 32)
      for (const each of records) assert.equal(await trial.consume(each), undefined)
    },
  },
  {
    name: 'tokens: one that replaces ends the earlier ones of its subject and purpose, and no other',
    facet,
    run: async (trial) => {
      const earlier = [newTokenRecord(), newTokenRecord()]
      const others = [newTokenRecord({ purpose: confirmation }), newTokenRecord({ subject: 'bob' })]
      for (const each of [...earlier, ...others]) await trial.issue(each, { replaces: others.includes(each) })
      const [last, one] = [newTokenRecord(), newTokenRecord()]
      await trial.issue(last, replacing)
      for (const each of earlier) assert.equal(await trial.consume(each), undefined)
      await trial.issue(one, replacing)
      assert.equal(await trial.consume(last), undefined)
      for (const each of [one, ...others]) assert.deepEqual(await trial.consume(each), each)
    },
  },
  {
    name: 'tokens: of 64 that replace each other at once exactly one is left',
    facet,
    run: async (trial) => {
      await trial.issue(newTokenRecord())
      const records = Array.from({ length: 64 }, () => newTokenRecord())
      await atOnce(64, (index) => trial.issue(records[index]!, replacing))
      const left = (await atOnce(64, (index) => trial.consume(records[index]!))).filter(isThere)
      assert.equal(left.length, 1)
      assert.equal(await trial.revokeAll('alice'), 0)
    },
  },
  {
    name: 'tokens: an insert that is sent again makes no second token, and counts its ttl anew',
    facet,
    run: async (trial) => {
      const [record, only] = [newTokenRecord({ id: digest() }), newTokenRecord({ purpose: confirmation })]
      for (const [each, options] of [[record, {}] as const, [only, replacing] as const]) {
        await trial.issue(each, options)
        await trial.advance(20)
        await trial.issue(each, options)
        await trial.advance(20)
        assert.deepEqual(await trial.consume(each), each)
        assert.equal(await trial.consume(each), undefined)
      }
      assert.equal(await trial.revokeAll('alice'), 0)
    },
  },
]
