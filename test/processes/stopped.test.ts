import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Answer, isReplay, until } from './client.js'
import { type GuardedProcess, guardedProcesses } from './guarded-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

const leaseSeconds = 1
const busy = 'idempotency-in-progress'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

overSharedStores('a process that stands still', (shared) => {
  let processes: ReturnType<typeof guardedProcesses>
  let one: GuardedProcess
  let other: GuardedProcess
  beforeAll(async () => {
    processes = guardedProcesses(shared().url)
    one = await processes.start({ leaseSeconds })
    other = await processes.start({ leaseSeconds })
  })
  afterAll(async () => {
    await endProcesses()
    processes.remove()
  })

  /** A request whose handler has begun in the process, and is held at the gate. */
  const begin = async (process: GuardedProcess, key: string, held: Readonly<Record<string, string>>) => {
    const before = processes.attempts(process.pid).length
    const answer = process.charge(key, held)
    await until(
      () => processes.attempts(process.pid).length,
      (count) => count > before,
    )
    return { answer }
  }

  /** Sends the request to the other process until it takes over, and answers what it got there. */
  const takeOver = (key: string) =>
    until(
      () => other.charge(key),
      ({ code }) => code !== busy,
    )

  const isOvertaken = async (key: string, late: Answer, winner: Answer, lostBefore: number) => {
    expect([winner.status, winner.text]).toEqual([201, JSON.stringify({ pid: other.pid, attempt: 2 })])
    expect([late.status, late.code]).toEqual([409, 'idempotency-lease-lost'])
    expect(processes.events(one.pid, 'idempotency.lease_lost')).toBe(lostBefore + 1)
    for (const process of [one, other]) {
      const replay = await process.charge(key)
      expect([replay.status, isReplay(replay), replay.text]).toEqual([201, true, winner.text])
    }
  }

  it('stopped past its lease and overtaken, it neither stores nor sends its own reply', async () => {
    const [key, gate] = [randomUUID(), processes.gate()]
    const lost = processes.events(one.pid, 'idempotency.lease_lost')
    const { answer } = await begin(one, key, { 'x-wait-until': gate.path })
    one.signal('SIGSTOP')
    gate.open()
    const winner = await takeOver(key)
    one.signal('SIGCONT')
    await isOvertaken(key, await answer, winner, lost)
  })

  it('with a handler that blocks the event loop past its lease and is overtaken, it sends no reply of its own', async () => {
    const [key, gate] = [randomUUID(), processes.gate()]
    const lost = processes.events(one.pid, 'idempotency.lease_lost')
    const { answer } = await begin(one, key, { 'x-stall-until': gate.path })
    const winner = await takeOver(key)
    gate.open()
    await isOvertaken(key, await answer, winner, lost)
  })

  it('a handler three times slower than its lease keeps it, and no other process runs the request', async () => {
    const [key, gate] = [randomUUID(), processes.gate()]
    const { answer } = await begin(one, key, { 'x-wait-until': gate.path })
    const untilMs = performance.now() + 3000 * leaseSeconds
    await until(
      async () => {
        const refused = await other.charge(key)
        expect([refused.status, refused.code]).toEqual([409, busy])
        return performance.now()
      },
      (nowMs) => nowMs > untilMs,
    )
    gate.open()
    expect((await answer).text).toBe(JSON.stringify({ pid: one.pid, attempt: 1 }))
    const replay = await other.charge(key)
    expect([isReplay(replay), replay.text]).toEqual([true, (await answer).text])
  })
})
