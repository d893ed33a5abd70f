import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { StoreError } from '../../errors.js'
import type { IdempotencyGrant } from '../grant.js'
import { type Handler, Rig, read, replyOf } from '../guard-rig.js'
import type { SettledReply } from '../reply/settled-reply.js'
import { paid, RigTransaction, same, settling, stored } from '../transaction-rig.js'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  // No exit path leaves a timer behind.
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

describe('a transaction that committed', () => {
  test('has settled the record: the handler’s reply goes out, nothing more is written, and a retry gets it', async () => {
    const rig = new Rig()
    const sent = await rig.send(
      {},
      settling(rig, 'commit', replyOf(201, [...same.headers, ['set-cookie', 'a=1']], '{"paid":true}')),
    )
    expect(read(sent)).toMatchObject({ ...stored, headers: { 'set-cookie': 'a=1' } })
    expect(rig.store.calls).toEqual(['claim', 'find'])
    expect(read(await rig.send())).toMatchObject({ ...stored, headers: { 'idempotent-replayed': 'true' } })
    expect(rig.told).toEqual(['claimed', 'settled', 'replayed'])
    expect(rig.runs).toBe(1)
  })

  test.each([
    ['another reply', replyOf(200, [], 'something else')],
    ['a reply that frees the key', replyOf(500, [['retry-after', '1']], 'the error handler’s')],
    ['a live reply', replyOf(200, [['content-type', 'text/event-stream']], 'data: 1')],
    ['a reply that is too large', replyOf(201, [], 'x'.repeat(200))],
    ['no reply, since it threw', null],
  ])('is what the client hears of, whatever the handler answers: %s', async (_, made) => {
    const rig = new Rig({ maxReplyBytes: 100 })
    const first = read(await rig.send({}, settling(rig, 'commit', made)))
    const retry = read(await rig.send())
    expect(first).toMatchObject(stored)
    expect({ ...retry, headers: {} }).toEqual({ ...first, headers: {} })
    expect(first.headers).toEqual({ 'content-type': 'application/json', 'content-length': '13' })
    expect(rig.runs).toBe(1)
  })

  test('has the cookies of a reply that differs in its headers alone', async () => {
    const rig = new Rig()
    const made = replyOf(
      201,
      [
        ['etag', '"1"'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      '{"paid":true}',
    )
    const { headers } = await rig.send({}, settling(rig, 'commit', made))
    expect(headers.map(([name, value]) => `${name}: ${value}`)).toEqual([
      'content-type: application/json',
      'content-length: 13',
      'set-cookie: a=1',
      'set-cookie: b=2',
    ])
  })

  test('is waited for where the handler answers before its end', async () => {
    const rig = new Rig()
    const transaction = new RigTransaction(rig.store)
    const reply = rig.send({}, async ({ settleIn }) => {
      await settleIn(transaction, paid)
      return same
    })
    await vi.advanceTimersByTimeAsync(500)
    expect(rig.store.calls).toEqual(['claim', 'find', 'release'])
    transaction.commit()
    expect(read(await reply)).toMatchObject(stored)
    expect(rig.told).toEqual(['claimed', 'settled'])
  })

  test.each([
    ['would have been stored', replyOf(422, [], 'failed'), 'settle'],
    ['would have freed the key', replyOf(500), 'release'],
    ['is not there, since it threw', undefined, 'release'],
  ])('although the handler took it for lost: its reply, which %s, is not sent', async (_, made, call) => {
    const rig = new Rig()
    const transaction = new RigTransaction(rig.store)
    const reply = rig.send({}, async ({ settleIn }) => {
      await settleIn(transaction, paid)
      return made
    })
    await vi.advanceTimersByTimeAsync(500)
    transaction.commit()
    expect(read(await reply)).toMatchObject(stored)
    expect(rig.store.calls).toEqual(['claim', 'find', call, 'find'])
    expect(read(await rig.send())).toMatchObject(stored)
  })

  test.each<[string, (grant: IdempotencyGrant) => void, SettledReply]>([
    ['declared secret', (grant) => grant.secretReply(), paid],
    ['declared live', (grant) => grant.live(), paid],
    ['too large', () => undefined, { status: 201, body: 'x'.repeat(200) }],
  ])(
    'of a reply that is not kept (%s) leaves a tombstone, and the handler’s own goes out',
    async (_, declare, given) => {
      const rig = new Rig({ maxReplyBytes: 100 })
      const own: Handler = async (grant) => {
        declare(grant)
        const transaction = new RigTransaction(rig.store)
        const { status, headers, body } = await grant.settleIn(transaction, given)
        transaction.commit()
        return { status, headers: [...headers, ['set-cookie', 'a=1']], body }
      }
      expect(read(await rig.send({}, own))).toMatchObject({ status: 201, headers: { 'set-cookie': 'a=1' } })
      expect(read(await rig.send()).code).toBe('idempotency-response-unavailable')
      expect(rig.told).toEqual(['claimed', 'tombstoned', 'refused'])
    },
  )

  test('of such a reply is told to the client even if the handler threw', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, (grant) => {
      grant.secretReply()
      return settling(rig, 'commit', null)(grant)
    })
    expect(read(reply)).toMatchObject(stored)
  })
})

describe('a transaction that was rolled back', () => {
  test.each([
    [422, 'settled'],
    [500, 'released'],
  ])('counts for nothing: a %d of the handler is %s', async (status, told) => {
    const rig = new Rig()
    expect((await rig.send({}, settling(rig, 'rollback', replyOf(status)))).status).toBe(status)
    expect(rig.told).toEqual(['claimed', 'rolled_back', told])
    await rig.send()
    expect(rig.runs).toBe(told === 'settled' ? 1 : 2)
  })

  test('cannot be claimed as a success: 503, and the key is free', async () => {
    const rig = new Rig()
    const reply = read(await rig.send({}, settling(rig, 'rollback')))
    expect(reply).toMatchObject({ status: 503, code: 'idempotency-store-unavailable' })
    expect(rig.told).toEqual(['claimed', 'rolled_back', 'released', 'refused'])
    expect((await rig.send()).status).toBe(201)
    expect(rig.runs).toBe(2)
  })

  test('nor by a pinned handler, whose effects are out: that key is not free', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, (grant) => {
      grant.pin()
      return settling(rig, 'rollback')(grant)
    })
    expect(reply.status).toBe(503)
    expect(read(await rig.send()).code).toBe('idempotency-response-unavailable')
  })

  test('can be tried again in another one', async () => {
    const rig = new Rig()
    const reply = await rig.send({}, async (grant) => {
      await settling(rig, 'rollback')(grant)
      return settling(rig, 'commit')(grant)
    })
    expect(read(reply)).toMatchObject(stored)
    expect(rig.store.calls).toEqual(['claim', 'find'])
  })

  test('because its statement failed has thrown the client’s own error', async () => {
    const rig = new Rig()
    const conflict = Object.assign(new Error('could not serialize access'), { code: '40001' })
    const reply = await rig.send({}, async (grant) => {
      const transaction = new RigTransaction(rig.store)
      transaction.fails = conflict
      await expect(grant.settleIn(transaction, paid)).rejects.toBe(conflict)
      return settling(rig, 'commit')(grant)
    })
    expect(read(reply)).toMatchObject(stored)
  })

  test('and whose release was carried out without an answer is released', async () => {
    const rig = new Rig()
    rig.store.faults.release = ['lose']
    const reply = rig.send({}, settling(rig, 'rollback', replyOf(500)))
    await vi.advanceTimersByTimeAsync(100)
    expect((await reply).status).toBe(500)
    expect(rig.told).toEqual(['claimed', 'rolled_back', 'released'])
  })

  test('leaves a tombstone where the store has no room for the reply that came instead', async () => {
    const rig = new Rig()
    rig.store.faults.settle = [{ throws: new StoreError('full', 'no room') }]
    const reply = rig.send({}, settling(rig, 'rollback', replyOf(422)))
    await vi.advanceTimersByTimeAsync(100)
    expect((await reply).status).toBe(422)
    expect(rig.told).toEqual(['claimed', 'rolled_back', 'tombstoned'])
  })
})
