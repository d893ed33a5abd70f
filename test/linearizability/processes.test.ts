import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { drawFrom } from './draw.js'
import { type Cluster, engines, startNaive } from './engines.js'
import { Examination } from './examination.js'
import { histories, runSeed } from './length.js'
import { Nemesis } from './nemesis.js'
import { RecordModel } from './record-model.js'
import { runHistory, type World } from './workload.js'

vi.setConfig({ testTimeout: 120_000 + 600 * histories, hookTimeout: 120_000 })

/** Clocks of stores are whole milliseconds. */
const model = new RecordModel(2)

/** So many histories go on at once. */
const atOnce = 12

/** So many histories over the processes, or more until every fault has struck; each on keys of its own. */
async function examine(cluster: Cluster, count: number): Promise<Examination> {
  const examination = new Examination(model)
  const { clients } = cluster
  const world: World = {
    ask: (client, call) => clients[client % clients.length]!.ask(call),
    nowMs: () => performance.now(),
    sleep: (milliseconds) => sleep(milliseconds),
  }
  const nemesis = new Nemesis(cluster.faults, drawFrom(`${runSeed} nemesis`))
  let next = 0
  const goOn = async () => {
    while (examination.violations.length === 0 && (next < count || !nemesis.hasDoneItsWorst)) {
      const seed = `${runSeed} ${next++}`
      examination.add(seed, await runHistory(seed, world))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, goOn))
  examination.struck = await nemesis.stop()
  return examination
}

describe.concurrent.each(engines)('$name in three processes whose clocks are wrong', ({ name, missing, start }) => {
  test.skipIf(missing !== undefined)(missing ?? 'every history has an order, whatever befalls it', async () => {
    const cluster = await start()
    try {
      const examination = await examine(cluster, histories)
      console.info(examination.report(name))
      expect(examination.violations.map(({ text }) => text)).toEqual([])
      expect(cluster.clients.flatMap(({ errors }) => errors)).toEqual([])
      expect(examination.undecided).toBe(0)
      expect(examination.unseen()).toEqual([])
    } finally {
      await cluster.end()
    }
  })
})

describe('found, as it is asked over processes and in real time, within a hundred histories: a store that', () => {
  const found = async (flaw: StoreFlaw | undefined, count = 100) => {
    const cluster = await startNaive(flaw)
    const { violations } = await examine(cluster, count)
    await cluster.end()
    return violations.length > 0
  }

  test.each(['reads, then writes', 'settles under any token', 'stores what nobody has claimed'] as const)(
    '%s',
    async (flaw) => expect(await found(flaw)).toBe(true),
  )

  test('has no flaw is found right', async () => expect(await found(undefined, histories)).toBe(false))
})
