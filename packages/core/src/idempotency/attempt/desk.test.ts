import { describe, expect, test } from 'vitest'
import { Rig, read, replyOf, type Sent } from '../guard-rig.js'
import type { IdempotencyOptions } from '../options.js'

describe.each([true, false])('the state of the record (a store that answers at once: %s)', (isSync) => {
  const rigWith = (options?: Partial<IdempotencyOptions>) => {
    const rig = new Rig(options)
    rig.store.isSync = isSync
    return rig
  }

  test('absent: the handler runs, its reply is stored in two round trips and bears no marker', async () => {
    const rig = rigWith()
    const reply = await rig.send({}, () =>
      replyOf(201, [
        ['idempotent-replayed', 'true'],
        ['idempotency-status', 'x'],
        ['etag', '1'],
      ]),
    )
    expect(reply.headers).toEqual([['etag', '1']])
    expect(rig.store.calls).toEqual(['claim', 'settle'])
    expect(rig.told).toEqual(['claimed', 'settled'])
  })

  test('settled: the reply is replayed in one, byte for byte, and says so', async () => {
    const rig = rigWith()
    const first = await rig.send({}, () =>
      replyOf(201, [
        ['etag', '1'],
        ['set-cookie', 'a=b'],
        ['date', 'now'],
      ]),
    )
    const replay = await rig.send()
    expect(replay).toEqual({
      status: 201,
      headers: [
        ['etag', '1'],
        ['content-length', '11'],
        ['idempotent-replayed', 'true'],
      ],
      body: first.body,
    })
    expect(rig.store.calls).toEqual(['claim', 'settle', 'claim'])
    expect(rig.runs).toBe(1)
  })

  test('a quoted key is the same key', async () => {
    const rig = rigWith()
    await rig.send()
    await rig.send({ headers: { 'idempotency-key': '"k"' } })
    expect(rig.runs).toBe(1)
  })

  test('running: 409 with the time to wait, and 422 for another request', async () => {
    const rig = rigWith()
    await rig.send({}, async () => {
      const busy = read(await rig.send())
      expect(busy).toMatchObject({ status: 409, code: 'idempotency-in-progress' })
      expect(busy.headers['retry-after']).toBe('5')
      expect(JSON.parse(busy.body).retryable).toBe(true)
      expect(read(await rig.send({ body: '{"amount":2}' }))).toMatchObject({
        status: 422,
        code: 'idempotency-key-reused',
      })
      return replyOf(201)
    })
    expect(rig.runs).toBe(1)
  })

  test('settled: 422 for another request, path or method', async () => {
    const rig = rigWith()
    await rig.send()
    const others: Sent[] = [{ body: '{"amount":2}' }, { url: 'http://api.test/refund' }, { method: 'PATCH' }]
    for (const other of others) expect(read(await rig.send(other)).code).toBe('idempotency-key-reused')
    expect(rig.runs).toBe(1)
  })

  test('an unreadable record: 503 and an event; it is neither run nor overwritten', async () => {
    const rig = rigWith({ onStoreError: 'bypass' })
    await rig.send()
    const [row] = rig.store.rows.values()
    row!.content = Uint8Array.of(9, 9)
    expect(read(await rig.send())).toMatchObject({ status: 503, code: 'idempotency-store-unavailable' })
    expect(rig.told.slice(2)).toEqual(['record_unreadable', 'refused'])
    row!.state = 'tombstone'
    expect((await rig.send()).status).toBe(503)
    expect(row!.content).toEqual(Uint8Array.of(9, 9))
    expect(rig.runs).toBe(1)
  })

  test('an answer that no store gives: 503', async () => {
    const rig = rigWith()
    rig.store.claim = () => ({ outcome: 'maybe' }) as never
    expect((await rig.send()).status).toBe(503)
    expect(rig.runs).toBe(0)
  })
})

test('no event and no refusal holds the key, the scope or the body', async () => {
  const rig = new Rig({ scope: 'caller' })
  const sent = { caller: 'canary-caller', headers: { 'idempotency-key': 'canary-key' }, body: '{"a":"canary-body"}' }
  await rig.send(sent)
  const replies = [await rig.send(sent), await rig.send({ ...sent, body: '{"a":"canary-other"}' })]
  const told = JSON.stringify([rig.events, ...replies.map((reply) => read(reply).body), [...rig.store.rows]])
  expect(told).not.toContain('canary')
})

test('the derived key is the same in every attempt and differs by label, key and scope', async () => {
  const keys = new Set<string>()
  const rig = new Rig()
  const collect = async (label: string, key: string) => {
    await rig.send({ headers: { 'idempotency-key': key } }, (grant) => {
      keys.add(grant.derivedKey(label))
      return replyOf(500)
    })
    return keys.size
  }
  expect([
    await collect('mail', 'a'),
    await collect('mail', 'a'),
    await collect('sms', 'a'),
    await collect('mail', 'b'),
  ]).toEqual([1, 1, 2, 3])
})
