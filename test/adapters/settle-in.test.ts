import { type IdempotencyEvent, type IdempotencyOptions, LeaseLostError } from '@latchkey/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Bank, banks } from './settling-banks.js'
import { frameworks, type Pay, settlingHost } from './settling-hosts.js'

const paid = { status: 201, json: { paid: true } }
const roll = new Error('rolled back by the handler')
const rollBack = () => {
  throw roll
}

describe.each(Object.entries(banks))('settled in a transaction on %s', (_, openBank) => {
  let bank: Bank
  beforeAll(async () => {
    bank = await openBank()
  })
  afterAll(() => bank.close())

  describe.each(frameworks)('by a handler on %s', (framework) => {
    let host: Awaited<ReturnType<typeof settlingHost>>
    let told: IdempotencyEvent['type'][]
    let runs: number

    /** What the handler does with the transaction, by the path, and what it answers then. */
    const ways: Record<string, Pay> = {
      commit: async ({ settleIn }) => {
        await bank.pay(settleIn, paid)
        return { ...paid, cookie: 'session=1' }
      },
      'commit-then-throw': async ({ settleIn }) => {
        await bank.pay(settleIn, paid)
        throw new Error('the handler fails after the commit')
      },
      'commit-then-differ': async ({ settleIn }) => {
        await bank.pay(settleIn, paid)
        return { status: 200, json: { something: 'else' } }
      },
      'roll-back': async ({ settleIn }) => {
        await bank.pay(settleIn, paid, rollBack)
        return paid
      },
      'roll-back-then-decline': async ({ settleIn }) => {
        await bank.pay(settleIn, paid, rollBack).catch(() => undefined)
        return { status: 422, json: { declined: true } }
      },
      'roll-back-then-claim': async ({ settleIn }) => {
        await bank.pay(settleIn, paid, rollBack).catch(() => undefined)
        return paid
      },
    }

    async function start(options: Partial<IdempotencyOptions> = {}, pay?: Pay): Promise<void> {
      told = []
      runs = 0
      const observe = ({ type }: IdempotencyEvent) => void told.push(type)
      host = await settlingHost(
        framework,
        { store: bank.store, scope: 'everyone', observe, ...options },
        (grant, how) => {
          runs++
          return (pay ?? ways[how]!)(grant, how)
        },
      )
    }

    afterEach(async () => {
      await host.close()
      await bank.reset()
    })

    const shown = async (response: Response) => ({
      status: response.status,
      type: response.headers.get('content-type'),
      body: await response.text(),
      isReplay: response.headers.get('idempotent-replayed') === 'true',
    })
    const settled = { status: 201, type: 'application/json', body: '{"paid":true}' }

    test.each(['commit', 'commit-then-throw', 'commit-then-differ'])(
      'a payment and its reply are there together, and every client gets that reply: %s',
      async (way) => {
        await start()
        const first = await host.post(way, 'k')
        expect(first.headers.get('set-cookie')).toBe(way === 'commit' ? 'session=1' : null)
        expect(await shown(first)).toEqual({ ...settled, isReplay: false })
        expect(await shown(await host.post(way, 'k'))).toEqual({ ...settled, isReplay: true })
        expect([runs, await bank.payments()]).toEqual([1, 1])
        expect(told).toEqual(['idempotency.claimed', 'idempotency.settled', 'idempotency.replayed'])
      },
    )

    test('a handler that throws within the transaction leaves neither, and its retry runs', async () => {
      await start()
      expect((await host.post('roll-back', 'k')).status).toBe(500)
      expect((await host.post('roll-back', 'k')).status).toBe(500)
      expect([runs, await bank.payments()]).toEqual([2, 0])
    })

    test('a handler that declines after a rollback has that reply stored, and no payment', async () => {
      await start()
      for (const isReplay of [false, true]) {
        const reply = await shown(await host.post('roll-back-then-decline', 'k'))
        expect(reply).toMatchObject({ status: 422, body: '{"declined":true}', isReplay })
      }
      expect([runs, await bank.payments()]).toEqual([1, 0])
    })

    test('a payment that was rolled back is never told of as a success', async () => {
      await start()
      const refused = await host.post('roll-back-then-claim', 'k')
      expect([refused.status, (await refused.json()).code]).toEqual([503, 'idempotency-store-unavailable'])
      expect((await host.post('roll-back-then-claim', 'k')).status).toBe(503)
      expect([runs, await bank.payments()]).toEqual([2, 0])
    })

    test('an attempt that was overtaken rolls back and does not answer with its own', async () => {
      let overtake: () => void = () => undefined
      const overtaken = new Promise<void>((resolve) => {
        overtake = resolve
      })
      const thrown: unknown[] = []
      await start({ leaseSeconds: 0.1, maxLeaseSeconds: 0.1 }, async ({ attempt, settleIn }) => {
        if (attempt === 1) await overtaken
        await bank.pay(settleIn, { status: 201, json: { attempt } }).catch((error) => thrown.push(error))
        return { status: 201, json: { attempt } }
      })
      const first = host.post('pay', 'k')
      let second = await host.post('pay', 'k')
      while (second.status === 409) second = await host.post('pay', 'k')
      overtake()
      expect(await second.json()).toEqual({ attempt: 2 })
      expect((await (await first).json()).code).toBe('idempotency-lease-lost')
      expect(thrown).toEqual([expect.any(LeaseLostError)])
      expect(await (await host.post('pay', 'k')).json()).toEqual({ attempt: 2 })
      expect(await bank.payments()).toBe(1)
    })

    test('a request without a key on an optional route pays each time, and records nothing', async () => {
      await start({ required: false })
      for (const payments of [1, 2]) {
        expect((await host.post('commit')).status).toBe(201)
        expect(await bank.payments()).toBe(payments)
      }
      expect(await bank.store.idempotency.list({ limit: 10 })).toEqual([])
    })
  })
})
