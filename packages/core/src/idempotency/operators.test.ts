import { describe, expect, test } from 'vitest'
import { grantLedger } from '../sequence.js'
import { memoryStore } from '../stores/memory.js'
import { idempotency } from './guard.js'
import { read, replyOf, requestOf } from './guard-rig.js'
import { idempotencyRecords } from './operators.js'
import { recordId } from './record-id.js'

const id = recordId({ kind: 'everyone' }, 'k')

/** A store with the key `k` claimed, a clock that can be moved, and what the next request with the key gets. */
async function scene() {
  let nowMs = 1_000_000
  const store = memoryStore({ now: () => nowMs })
  const guard = idempotency({ store, scope: 'everyone', onAbandoned: 'block' })
  const ask = () => guard(requestOf({ headers: { 'idempotency-key': 'k' } }), grantLedger())
  const verdict = await ask()
  const capture = verdict.kind === 'pass' ? verdict.capture! : undefined!
  const next = async () => {
    const later = await ask()
    return later.kind === 'pass' ? 'runs' : read(later.reply)
  }
  const lapse = () => {
    nowMs += 31_000
  }
  return { records: idempotencyRecords(store), capture, next, lapse }
}

describe('an operator', () => {
  test('cannot touch what still runs', async () => {
    const { records, capture } = await scene()
    expect(await records.release(id)).toBe('live')
    expect(await records.settle(id, replyOf(201))).toBe('live')
    await capture.settle(replyOf(201))
  })

  test('finds a blocked record and frees it: the next request runs', async () => {
    const { records, lapse, next } = await scene()
    lapse()
    expect(await next()).toMatchObject({ code: 'idempotency-outcome-unknown' })
    expect(await records.list({ state: 'lapsed' })).toMatchObject([{ id, state: 'lapsed', attempt: 1 }])
    expect(await records.release(id)).toBe('ok')
    expect(await next()).toBe('runs')
  })

  test('or says what happened: the next request gets that reply', async () => {
    const { records, lapse, next } = await scene()
    lapse()
    expect(await records.settle(id, replyOf(201, [['location', '/charges/1']], 'done'))).toBe('ok')
    expect(await next()).toMatchObject({
      status: 201,
      body: 'done',
      headers: { location: '/charges/1', 'idempotent-replayed': 'true' },
    })
    expect(await records.settle(id, replyOf(500))).toBe('settled')
  })

  test('reads a settled record and a tombstone', async () => {
    const settled = await scene()
    await settled.capture.settle(replyOf(201, [['etag', '1']]))
    expect(await settled.records.show(id)).toMatchObject({ state: 'settled', reply: { status: 201 } })
    const buried = await scene()
    await buried.capture.abandon('live', replyOf(200))
    const shown = await buried.records.show(id)
    expect(shown).toMatchObject({ state: 'tombstone', note: { reason: 'live', status: 200 } })
    expect(shown).not.toHaveProperty('content')
  })

  test('learns that there is no such record', async () => {
    const { records, capture } = await scene()
    await capture.settle(replyOf(500))
    expect(await records.show(id)).toBeUndefined()
    expect(await records.release(id)).toBe('absent')
    expect(await records.list()).toEqual([])
  })

  test.each([0, 1.5, 1001, Number.NaN])('cannot ask for a page of %d', async (limit) => {
    await expect((await scene()).records.list({ limit })).rejects.toMatchObject({ code: 'invalid-option' })
  })

  test('cannot keep a reply for no time', async () => {
    const { records } = await scene()
    await expect(records.settle(id, replyOf(201), { ttlSeconds: 0 })).rejects.toMatchObject({ code: 'invalid-option' })
  })
})
