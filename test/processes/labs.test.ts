import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { charge, isReplay, keptPart, runs, until, untilRuns } from './client.js'
import { labProcess, labsOver, launcher } from './lab-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

afterAll(endProcesses)

overSharedStores('labs in processes of their own', (shared) => {
  afterAll(endProcesses)

  /** Two labs on the framework, of which the first is about to go. */
  const pair = async (framework: string, idempotency: object = {}) => {
    const [gone, survivor] = await labsOver(shared().url, [framework, framework], idempotency)
    return { gone: gone!, survivor: survivor!, key: randomUUID() }
  }

  // At once: they wait for leases to end.
  describe.concurrent.each(['express', 'koa', 'hono'])('on %s', (framework) => {
    it('a lab prints one line once it listens, finishes what runs when it is told to end, and exits with 0', async () => {
      const { gone, survivor, key } = await pair(framework)
      const running = charge(gone, key, '?delayMs=300')
      await untilRuns(gone, 1)
      const ended = gone.end('SIGTERM')
      expect((await running).status).toBe(201)
      expect(await ended).toBe(0)
      expect(gone.output().split('\n')).toHaveLength(1)
      const replay = await charge(survivor, key, '?delayMs=300')
      expect([isReplay(replay), replay.text]).toEqual([true, (await running).text])
    })

    it('killed in the handler blocks the key for the rest of its lease and loses nothing that had settled', async () => {
      const { gone, survivor, key } = await pair(framework, { leaseSeconds: 3 })
      const settled = randomUUID()
      const reply = await charge(gone, settled)
      void charge(gone, key, '?kind=never').catch(() => {})
      await untilRuns(gone, 2)
      await gone.end('SIGKILL')
      const refused = await charge(survivor, key, '?kind=never')
      expect([refused.status, refused.code]).toEqual([409, 'idempotency-in-progress'])
      expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(3)
      const replay = await charge(survivor, settled)
      expect([isReplay(replay), keptPart(replay)]).toEqual([true, keptPart(reply)])
      expect(await runs(survivor)).toBe(0)
      // Once the lease is over a copy gets through, and hangs in its turn.
      const copies = until(
        () => charge(survivor, key, '?kind=never'),
        ({ status }) => status !== 409,
      )
      copies.catch(() => {})
      await untilRuns(survivor, 1)
    })

    it('killed in the handler leaves an unknown outcome where that is asked for', async () => {
      const { gone, survivor, key } = await pair(framework, { leaseSeconds: 0.5, onAbandoned: 'block' })
      void charge(gone, key, '?delayMs=60000').catch(() => {})
      await untilRuns(gone, 1)
      await gone.end('SIGKILL')
      const blocked = await until(
        () => charge(survivor, key, '?delayMs=60000'),
        ({ headers }) => headers['retry-after'] === undefined,
      )
      expect([blocked.status, blocked.code]).toEqual([409, 'idempotency-outcome-unknown'])
      expect(await runs(survivor)).toBe(0)
    })
  })

  it('labs on three frameworks over one store run a request once between them', async () => {
    const [labs, key] = [await labsOver(shared().url, ['express', 'koa', 'hono']), randomUUID()]
    const copies = Array.from({ length: 60 }, (_, index) => charge(labs[index % 3]!, key, '?delayMs=100'))
    for (const answer of await Promise.all(copies)) expect([201, 409]).toContain(answer.status)
    expect(await runs(...labs)).toBe(1)
    const replays = await Promise.all(labs.map((each) => charge(each, key, '?delayMs=100')))
    expect(replays.map(isReplay)).toEqual([true, true, true])
    for (const replay of replays) expect(keptPart(replay)).toEqual(keptPart(replays[0]!))
  })
})

it('the command of package.json starts the lab in its own process and prints nothing besides', async () => {
  const one = await labProcess(['--adapter', 'hono', '--store', 'memory', '--seed', 'one'], launcher)
  const two = await labProcess(['--adapter', 'koa', '--seed', 'one'], launcher)
  expect(two.keys).toEqual(one.keys)
  expect((await charge(one, 'k')).status).toBe(201)
  expect(await one.end('SIGTERM')).toBe(0)
  expect(Object.keys(JSON.parse(one.output()))).toEqual(['url', 'pid', 'keys'])
})
