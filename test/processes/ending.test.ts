import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type FaultProxy, faultProxy } from '../faults/fault-proxy.js'
import { charge, connections, isReplay, keptPart, runs, until, untilRuns } from './client.js'
import { type LabProcess, labsOver } from './lab-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

const inFlight = 200

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

overSharedStores('two processes, of which one goes or its network does', (shared) => {
  let first: LabProcess
  let second: LabProcess
  let network: FaultProxy
  /** The first lab, over that network. */
  let distant: LabProcess
  beforeAll(async () => {
    ;[first, second] = (await labsOver(shared().url, ['express', 'hono'])) as [LabProcess, LabProcess]
    network = await faultProxy(Number(new URL(first.url).port))
    distant = { ...first, url: `http://127.0.0.1:${network.port}` }
  })
  afterAll(async () => {
    await network?.close()
    await endProcesses()
  })

  const query = '?delayMs=300'

  it('a reply that is lost on its way is replayed by the other process, to the byte', async () => {
    const [key, before] = [randomUUID(), await runs(first, second)]
    network.dropReplies()
    await expect(charge(distant, key)).rejects.toThrow()
    const replays = [await charge(second, key), await charge(first, key), await charge(distant, key)]
    for (const replay of replays) {
      expect([replay.status, isReplay(replay)]).toEqual([201, true])
      expect(keptPart(replay)).toEqual(keptPart(replays[0]!))
    }
    expect(JSON.parse(replays[0]!.text).run).toBe(await runs(first))
    expect(await runs(first, second)).toBe(before + 1)
  })

  it('a client that is cut off while the handler runs gets the reply from the other process', async () => {
    const [key, before] = [randomUUID(), await runs(first, second)]
    const lost = charge(distant, key, query).catch((error: Error) => error)
    await untilRuns(first, before + 1)
    await network.inject('cut')
    expect(await lost).toBeInstanceOf(Error)
    await network.inject('none')
    const replay = await until(
      () => charge(second, key, query),
      ({ code }) => code !== 'idempotency-in-progress',
    )
    expect([replay.status, isReplay(replay)]).toEqual([201, true])
    expect(keptPart(await charge(first, key, query))).toEqual(keptPart(replay))
    expect(await runs(first, second)).toBe(before + 1)
  })

  it('on SIGTERM two hundred requests in flight finish and settle, it exits with 0, and the other process replays them', async () => {
    const keys = Array.from({ length: inFlight }, randomUUID)
    const [before, beforeElsewhere] = [await runs(first), await runs(second)]
    const slow = '?delayMs=1500'
    const answers = Promise.all(keys.map((key) => charge(first, key, slow)))
    await untilRuns(first, before + inFlight)
    const ended = first.end('SIGTERM')
    const agent = connections(20)
    const replays = (await answers).map(async (answer, index) => {
      expect([answer.status, isReplay(answer)]).toEqual([201, false])
      const replay = await charge(second, keys[index]!, slow, agent)
      expect(isReplay(replay)).toBe(true)
      expect(keptPart(replay)).toEqual(keptPart(answer))
    })
    await Promise.all(replays)
    agent.destroy()
    expect(await ended).toBe(0)
    expect(await runs(second)).toBe(beforeElsewhere)
  })
})
