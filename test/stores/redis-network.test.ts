import { StoreError } from '@latchkey/core'
import { type RedisStore, redisStore } from '@latchkey/stores/redis'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type FaultProxy, faultProxy } from '../faults/fault-proxy.js'
import { clients, type OpenClient } from './redis-clients.js'
import { operations } from './redis-operations.js'
import { request, untilItAnswers } from './redis-rig.js'
import { noRedisServer, type RedisServer, startRedis } from './redis-server.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`Redis behind a faulty network (skipped: ${reason})`)

const operationTimeoutSeconds = 0.4
const maxPendingOperations = 40

/** Every fault, and whether the server carries out what was asked; `perhaps`: where the client sends it again. */
const faults: Readonly<
  Record<string, { readonly inject: (way: FaultProxy) => unknown; readonly carriedOut: true | 'perhaps' }>
> = {
  'connections that are cut': { inject: (way) => way.inject('cut'), carriedOut: 'perhaps' },
  'connections that are refused': { inject: (way) => way.inject('refuse'), carriedOut: 'perhaps' },
  'replies that never come': { inject: (way) => way.inject('half-open'), carriedOut: true },
  'a black hole': { inject: (way) => way.inject('black-hole'), carriedOut: 'perhaps' },
  'a delay beyond the timeout': {
    inject: (way) => way.inject({ delayMs: operationTimeoutSeconds * 1500 }),
    carriedOut: true,
  },
  'a connection that breaks before the reply': { inject: (way) => way.dropReplies(), carriedOut: true },
}

interface Trial {
  readonly outcome: PromiseSettledResult<unknown>
  readonly tookMs: number
  /** What the record was before, when the network was sound again, and what the operation then answered. */
  readonly before: unknown
  readonly after: unknown
  readonly again: unknown
}

describe.skipIf(reason !== undefined).each(clients)('by %s', (name, open) => {
  let server: RedisServer
  let way: FaultProxy
  let sound: OpenClient
  let faulty: OpenClient
  let store: RedisStore
  beforeAll(async () => {
    server = await startRedis()
    way = await faultProxy(server.port)
    sound = await open(server.url)
    faulty = await open(`redis://127.0.0.1:${way.port}`)
    store = storeOn(faulty)
  })
  afterAll(async () => {
    for (const each of [sound, faulty]) each?.end()
    await way?.close()
    await server?.remove()
  })

  const storeOn = ({ client }: OpenClient) =>
    redisStore({ client, keyPrefix: 'faulty:', operationTimeoutSeconds, maxPendingOperations })

  /** All operations at once, each on a subject of its own, and once more when the fault is over. */
  async function runAll(inject: (way: FaultProxy) => unknown) {
    const subjects = Object.entries(operations).map(([id, operation]) => ({ id, ...operation }))
    const good = storeOn(sound)
    const look = async ({ id, writes }: (typeof subjects)[number]) => writes && sound.call(...writes.look(id))
    await sound.call('FLUSHDB')
    for (const { prepare, id } of subjects) await prepare?.(good, id)
    const before = await Promise.all(subjects.map(look))
    await inject(way)
    const startedAtMs = performance.now()
    const outcomes = await Promise.all(
      subjects.map(async ({ run, id }) => {
        const [outcome] = await Promise.allSettled([run(store, id)])
        return { outcome, tookMs: performance.now() - startedAtMs }
      }),
    )
    await way.inject('none')
    const healedAtMs = performance.now()
    await untilItAnswers(async () => store.idempotency.claim(request('probe')))
    const recoveredMs = performance.now() - healedAtMs
    const after = await Promise.all(subjects.map(look))
    const trials: Record<string, Trial> = {}
    for (const [index, { run, id }] of subjects.entries()) {
      const again = await untilItAnswers(() => run(store, id))
      trials[id] = { ...outcomes[index]!, before: before[index], after: after[index], again }
    }
    const claims = Array.from({ length: maxPendingOperations }, async (_, index) =>
      store.idempotency.claim(request(`${index}`)),
    )
    return { trials, recoveredMs, claims: await Promise.allSettled(claims) }
  }

  type Run = Awaited<ReturnType<typeof runAll>>

  describe('over a sound network', () => {
    let sane: Run
    beforeAll(async () => {
      sane = await runAll(() => undefined)
    })
    test.each(Object.keys(operations))('%s is carried out', (operation) => {
      const { answer, writes, again } = operations[operation]!
      const trial = sane.trials[operation]!
      expect(trial.outcome).toEqual({ status: 'fulfilled', value: answer })
      expect(trial.again).toEqual(again ?? answer)
      expect(trial.before).toEqual(writes?.before)
      expect(trial.after).toEqual(writes?.after(operation))
    })
  })

  describe.each(Object.keys(faults))('%s', (fault) => {
    const { inject, carriedOut } = faults[fault]!
    // ioredis sends again what was not answered before its connection broke.
    const isSentAgain = name === 'ioredis' && fault === 'a connection that breaks before the reply'
    let run: Run
    beforeAll(async () => {
      run = await runAll(inject)
    })

    test.each(Object.keys(operations))(
      '%s ends in time, is carried out as one or not at all, and can be asked for again',
      (operation) => {
        const { answer, again, writes } = operations[operation]!
        const trial = run.trials[operation]!
        if (isSentAgain)
          expect([answer, again]).toContainEqual((trial.outcome as PromiseFulfilledResult<unknown>).value)
        else expect(trial.outcome).toEqual({ status: 'rejected', reason: expect.any(StoreError) })
        expect(trial.tookMs).toBeLessThan(operationTimeoutSeconds * 1000 + 1000)
        expect([answer, again]).toContainEqual(trial.again)
        if (writes === undefined) return
        const after = writes.after(operation)
        expect(trial.before).toEqual(writes.before)
        const allowed = carriedOut === 'perhaps' ? [writes.before, after] : [carriedOut ? after : writes.before]
        expect(allowed).toContainEqual(trial.after)
      },
    )

    test('the store works again within two seconds', () => {
      expect(run.recoveredMs).toBeLessThan(2000)
    })

    test('nothing is left that counts as pending', () => {
      expect(run.claims.filter(({ status }) => status === 'rejected')).toEqual([])
    })
  })
})
