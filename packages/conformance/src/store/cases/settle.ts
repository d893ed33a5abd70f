import assert from 'node:assert/strict'
import { bytes, newRequest, otherOf, retryOf } from '../specimens.js'
import type { StoreCase } from '../store-case.js'

const facet = 'idempotency'

/** Bytes that do not survive a detour by text, by a C string or by a pooled buffer. */
const contents: Readonly<Record<string, () => Uint8Array>> = {
  'nothing at all': () => new Uint8Array(0),
  'each of the 256 bytes': () => Uint8Array.from({ length: 256 }, (_, index) => index),
  'one NUL': () => new Uint8Array(1),
  'text between NULs': () => bytes('\0text\0'),
  'invalid UTF-8': () => Uint8Array.of(0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80),
  'text with a BOM and characters of four bytes': () => bytes('\ufeff grüße 💶'),
  'a part of a longer buffer': () => Uint8Array.from({ length: 300 }, (_, index) => index).subarray(100, 200),
  'a Buffer out of the pool': () => Buffer.from('out of the pool'),
  '1 MiB': () => Uint8Array.from({ length: 1_048_576 }, (_, index) => (index * 31) >> 3),
}

export const settleCases: readonly StoreCase[] = [
  ...Object.entries(contents).flatMap(([what, make]) =>
    (['settled', 'tombstone'] as const).map(
      (state): StoreCase => ({
        name: `contents: ${what} comes back from a ${state} record byte by byte`,
        facet,
        run: async (trial) => {
          const request = newRequest()
          const content = make()
          await trial.claim(request)
          assert.equal(await (state === 'settled' ? trial.settle : trial.tombstone).call(trial, request, content), 'ok')
          const expected =
            state === 'settled'
              ? { outcome: state, reply: new Uint8Array(content) }
              : { outcome: state, note: new Uint8Array(content) }
          assert.deepEqual(await trial.claim(retryOf(request)), expected)
          assert.deepEqual((await trial.find(request.id))?.content, new Uint8Array(content))
        },
      }),
    ),
  ),
  {
    name: 'contents: bytes that are written to afterwards, by the giver or by a reader, stay as they were in the store',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      const given = bytes('as it was given')
      await trial.settle(request, given)
      given.fill(0)
      const read = await trial.idempotency.claim(retryOf(request))
      assert.ok(read.outcome === 'settled')
      read.reply.fill(0)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'settled', reply: bytes('as it was given') })
    },
  },
  {
    name: 'settle: its reply answers every later claim, whatever its token and whoever may take over',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      assert.equal(await trial.settle(request, bytes('reply')), 'ok')
      const settled = { outcome: 'settled', reply: bytes('reply') }
      for (const takeOver of [true, false]) {
        assert.deepEqual(await trial.claim(retryOf(request, { takeOver })), settled)
      }
      assert.deepEqual(await trial.claim(request), settled)
    },
  },
  {
    name: 'settle: repeated, the first reply stands, and its time is not prolonged',
    facet,
    run: async (trial) => {
      const request = newRequest()
      await trial.claim(request)
      await trial.settle(request, bytes('first'))
      await trial.advance(20)
      assert.equal(await trial.settle(request, bytes('second')), 'ok')
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'settled', reply: bytes('first') })
      await trial.advance(15)
      assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt: 1 })
    },
  },
  {
    name: 'settle: after the lease has lapsed it is still the owner’s, if nobody took over',
    facet,
    run: async (trial) => {
      for (const takeOver of [true, false]) {
        const request = newRequest({ takeOver })
        await trial.claim(request)
        await trial.advance(15)
        assert.equal(await trial.settle(request, bytes('late')), 'ok')
        assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'settled', reply: bytes('late') })
      }
    },
  },
  ...(['settle', 'tombstone'] as const).flatMap((write): readonly StoreCase[] => [
    {
      name: `expiry: the ttl counts from the ${write}, not from the claim`,
      facet,
      run: async (trial) => {
        const request = newRequest({ leaseSeconds: 20 })
        await trial.claim(request)
        await trial.advance(18)
        await trial[write](request, bytes('content'))
        await trial.advance(20)
        assert.notEqual((await trial.claim(retryOf(request))).outcome, 'claimed')
        await trial.advance(15)
        assert.deepEqual(await trial.claim(otherOf(request)), { outcome: 'claimed', attempt: 1 })
      },
    },
    {
      name: `expiry: the ttl of the ${write} counts, not that of the claim, be it shorter or longer`,
      facet,
      run: async (trial) => {
        const [shorter, longer] = [newRequest(), newRequest({ ttlSeconds: 1 })]
        for (const request of [shorter, longer]) await trial.claim(request)
        await trial[write]({ ...shorter, ttlSeconds: 2 }, bytes('content'))
        await trial[write]({ ...longer, ttlSeconds: 60 }, bytes('content'))
        await trial.advance(15)
        assert.equal((await trial.claim(retryOf(shorter))).outcome, 'claimed')
        assert.notEqual((await trial.claim(retryOf(longer))).outcome, 'claimed')
      },
    },
    {
      name: `expiry: a claim that finds the record does not prolong what was written by ${write}`,
      facet,
      run: async (trial) => {
        const request = newRequest()
        await trial.claim(request)
        await trial[write](request, bytes('content'))
        await trial.advance(20)
        assert.notEqual((await trial.claim(retryOf(request, { ttlSeconds: 600 }))).outcome, 'claimed')
        await trial.advance(15)
        assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt: 1 })
      },
    },
    {
      name: `expiry: after ${write} the record is whole until its last millisecond, then a new one`,
      facet,
      needsInjectedClock: true,
      run: async (trial) => {
        const request = newRequest()
        await trial.claim(request)
        await trial[write](request, bytes('content'))
        await trial.advance(29.999)
        assert.deepEqual((await trial.find(request.id))?.content, bytes('content'))
        assert.notEqual((await trial.claim(retryOf(request))).outcome, 'claimed')
        await trial.advance(0.001)
        assert.equal(await trial.find(request.id), undefined)
        assert.deepEqual(await trial.claim(retryOf(request)), { outcome: 'claimed', attempt: 1 })
        assert.equal((await trial.find(request.id))?.content, undefined)
      },
    },
  ]),
]
