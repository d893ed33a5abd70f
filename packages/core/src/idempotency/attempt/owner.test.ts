import { describe, expect, test } from 'vitest'
import { grantLedger } from '../../sequence.js'
import { type Handler, Rig, read, replyOf, requestOf } from '../guard-rig.js'
import type { IdempotencyOptions } from '../options.js'

const location = [['location', '/charges/1']] as const

/** The handler's reply, then what a retry gets. */
async function twice(options: Partial<IdempotencyOptions>, handler: Handler) {
  const rig = new Rig(options)
  const first = read(await rig.send({}, handler))
  const retry = read(await rig.send({}, handler))
  return { rig, first, retry, runs: rig.runs, told: rig.told }
}

/** A request that is claimed, and what its capture says to an end that only an adapter sees. */
async function claimed(options: Partial<IdempotencyOptions> = {}) {
  const rig = new Rig(options)
  const verdict = await rig.guard(requestOf({ headers: { 'idempotency-key': 'k' } }), grantLedger())
  if (verdict.kind !== 'pass' || verdict.capture === undefined) throw new Error('not claimed')
  return { rig, capture: verdict.capture, grant: verdict.grant }
}

/** A handler that says one thing of its reply before it answers. */
const declares =
  (what: 'live' | 'secretReply'): Handler =>
  (grant) => {
    grant[what]()
    return replyOf(201)
  }

describe('a reply', () => {
  test.each([200, 204, 303, 304, 400, 404, 422])('%d is stored and replayed', async (status) => {
    const { runs, retry } = await twice({}, () => replyOf(status))
    expect(retry).toMatchObject({ status, headers: { 'idempotent-replayed': 'true' } })
    expect(runs).toBe(1)
  })

  test.each([401, 403, 407, 408, 409, 421, 423, 425, 429, 500, 503])('%d frees the key', async (status) => {
    const { runs, first, told } = await twice({}, () => replyOf(status))
    expect(first.status).toBe(status)
    expect(runs).toBe(2)
    expect(told).toEqual(['claimed', 'released', 'claimed', 'released'])
  })

  test('a 500 is stored where server errors are', async () => {
    const { runs, retry } = await twice({ serverErrors: 'store' }, () => replyOf(500))
    expect(retry).toMatchObject({ status: 500, headers: { 'idempotent-replayed': 'true' } })
    expect(runs).toBe(1)
  })

  test.each([500, 409])('a %d of a handler that is pinned is stored', async (status) => {
    const { runs, retry } = await twice({}, ({ pin }) => {
      pin()
      return replyOf(status)
    })
    expect(retry).toMatchObject({ status, headers: { 'idempotent-replayed': 'true' } })
    expect(runs).toBe(1)
  })
})

describe('a reply that is not kept', () => {
  const gone = { status: 409, code: 'idempotency-response-unavailable' }

  test('an event stream goes out live, and a retry learns its status and location', async () => {
    const stream = [['content-type', 'text/event-stream; charset=utf-8'], ...location] as const
    const { first, retry, runs } = await twice({}, () => replyOf(201, stream))
    expect(first.status).toBe(201)
    expect(retry).toMatchObject({ ...gone, headers: { location: '/charges/1' } })
    expect(JSON.parse(retry.body)).toMatchObject({ retryable: false, originalStatus: 201, location: '/charges/1' })
    expect(retry.headers['retry-after']).toBeUndefined()
    expect(runs).toBe(1)
  })

  test.each<[string, Handler]>([
    ['declared live', declares('live')],
    ['declared secret', declares('secretReply')],
    ['too large', () => replyOf(200, [], 'x'.repeat(101))],
  ])('%s', async (_, handler) => {
    const { first, retry, runs } = await twice({ maxReplyBytes: 100 }, handler)
    expect(first.status).toBeLessThan(300)
    expect(retry).toMatchObject(gone)
    expect(runs).toBe(1)
  })

  test('a secret reply is not kept even by a host that holds it', async () => {
    const { rig, capture, grant } = await claimed()
    grant.secretReply()
    await capture.settle(replyOf(201, [], 'canary'))
    expect(
      JSON.stringify([...rig.store.rows], (_, value) =>
        value instanceof Uint8Array ? new TextDecoder().decode(value) : value,
      ),
    ).not.toContain('canary')
    expect(rig.store.calls.at(-1)).toBe('tombstone')
  })

  test('a failed event stream frees the key, and is held back until it has ended', async () => {
    const { capture } = await claimed()
    expect(capture.holds(replyOf(503, [['content-type', 'text/event-stream']]))).toBe(true)
  })
})

describe('a reply that never comes whole', () => {
  test('a handler that throws past everything frees the key', async () => {
    const { runs, told } = await twice({}, () => undefined)
    expect(runs).toBe(2)
    expect(told).toEqual(['claimed', 'released', 'claimed', 'released'])
  })

  test.each<[string, Partial<IdempotencyOptions>, Handler]>([
    ['server errors are stored', { serverErrors: 'store' }, () => undefined],
    ['it is pinned', {}, (grant) => void grant.pin()],
  ])('unless %s', async (_, options, handler) => {
    const { runs, retry } = await twice(options, handler)
    expect(retry.code).toBe('idempotency-response-unavailable')
    expect(runs).toBe(1)
  })

  test.each([
    ['closed', replyOf(200), 'tombstone'],
    ['closed', undefined, 'tombstone'],
    ['closed', replyOf(500), 'release'],
    ['unseen', undefined, 'tombstone'],
    ['unseen', replyOf(500), 'tombstone'],
    ['too-large', replyOf(200), 'tombstone'],
    ['too-large', replyOf(502), 'release'],
    ['none', replyOf(200), 'release'],
  ] as const)('%s with %o', async (reason, head, call) => {
    const { rig, capture } = await claimed()
    expect(await capture.abandon(reason, head)).toBeUndefined()
    expect(rig.store.calls).toEqual(['claim', call])
  })
})
