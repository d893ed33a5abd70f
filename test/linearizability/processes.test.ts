import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import type { StoreFlaw } from '../broken/store-flaws.js'
import { drawFrom } from './draw.js'
import { type Cluster, engines, startNaive } from './engines.js'
import { Examination } from './examination.js'
import { histories, runSeed } from './length.js'
import { Nemesis } from './nemesis.js'
import { messages, records } from './subject.js'
import { runHistory, type World } from './workload.js'

vi.setConfig({ testTimeout: 360_000 + 600 * histories, hookTimeout: 120_000 })

/** Clocks of stores are whole milliseconds. */
const slackMs = 2

/** So many histories go on at once. */
const atOnce = 12

/**
 * So many histories of records over the processes, or more until every fault has struck, and half as many of messages; each on keys of
 * its own.
 *
 * @param isEnough asked once there are so many: whether they show something. Where not, up to ten times as many are looked at.
 */
async function examine(
  cluster: Cluster,
  count: number,
  isEnough: (examination: Examination) => boolean = () => true,
): Promise<Examination[]> {
  const examinations = new Map([records, messages].map((subject) => [subject, new Examination(subject, slackMs)]))
  const { clients } = cluster
  const world: World = {
    ask: (client, call) => clients[client % clients.length]!.ask(call),
    nowMs: () => performance.now(),
    sleep: (milliseconds) => sleep(milliseconds),
  }
  const nemesis = new Nemesis(cluster.faults, drawFrom(`${runSeed} nemesis`))
  let next = 0
  const isFound = () => [...examinations.values()].some(({ violations }) => violations.length > 0)
  const isOver = () =>
    nemesis.hasFailed ||
    (next >= count && nemesis.hasDoneItsWorst && (next >= 10 * count || [...examinations.values()].every(isEnough)))
  const goOn = async () => {
    while (!isFound() && !isOver()) {
      const index = next++
      const seed = `${runSeed} ${index}`
      for (const [subject, examination] of examinations) {
        if (subject === records || index % 2 === 0)
          examination.add(seed, await runHistory(seed, subject.conduct, world))
      }
    }
  }
  await Promise.all(Array.from({ length: atOnce }, goOn))
  const struck = await nemesis.stop()
  for (const examination of examinations.values()) examination.struck = struck
  return [...examinations.values()]
}

describe.concurrent.each(engines)('$name in three processes whose clocks are wrong', ({ name, missing, start }) => {
  test.skipIf(missing !== undefined)(missing ?? 'every history has an order, whatever befalls it', async () => {
    const cluster = await start()
    try {
      // Whether a rare answer is among sixty histories is left to chance; that it comes is not.
      const hasHeardAll = (examination: Examination) => examination.unseen().length === 0
      for (const examination of await examine(cluster, histories, hasHeardAll)) {
        console.info(examination.report(`${name}, ${examination.subject}`))
        expect(examination.violations.map(({ text }) => text)).toEqual([])
        expect(examination.undecided).toBe(0)
        expect(examination.unseen()).toEqual([])
      }
      expect(cluster.clients.flatMap(({ errors }) => errors)).toEqual([])
    } finally {
      await cluster.end()
    }
  })
})

describe('found, as it is asked over processes and in real time, within a hundred histories: a store that', () => {
  const found = async (flaw: StoreFlaw | undefined, count = 100) => {
    const cluster = await startNaive(flaw)
    const examinations = await examine(cluster, count)
    await cluster.end()
    return examinations.some(({ violations }) => violations.length > 0)
  }

  test.each(['reads, then writes', 'settles under any token', 'stores what nobody has claimed'] as const)(
    '%s',
    async (flaw) => expect(await found(flaw)).toBe(true),
  )

  test('has no flaw is found right', async () => expect(await found(undefined, histories)).toBe(false))
})
