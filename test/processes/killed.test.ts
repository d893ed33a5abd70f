import { randomUUID } from 'node:crypto'
import { idempotencyRecords, recordId, type Store } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openStore } from '../lab/store.js'
import { type Answer, isReplay, until } from './client.js'
import { type GuardedProcess, guardedProcesses, killPoints } from './guarded-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

const leaseSeconds = 3
const policies = ['reexecute', 'block'] as const
const busy = 'idempotency-in-progress'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

overSharedStores('a process that is killed', (shared) => {
  let store: Store
  beforeAll(async () => {
    store = await openStore(shared().url)
  })
  afterAll(() => store.close())

  const started = new Map<string, GuardedProcess>()
  let processes: ReturnType<typeof guardedProcesses>
  beforeAll(async () => {
    processes = guardedProcesses(shared().url)
    const startAll = async (onAbandoned: string) => {
      for (const point of ['never', ...killPoints] as const) {
        started.set(`${onAbandoned} ${point}`, await processes.start({ leaseSeconds, onAbandoned }, point))
      }
    }
    await Promise.all(policies.map(startAll))
  })
  afterAll(async () => {
    await endProcesses()
    processes.remove()
  })

  // At once: each waits for a lease to end.
  describe.concurrent.each(policies)('with onAbandoned: %s', (onAbandoned) => {
    it.each(killPoints)('killed with -9 %s, it leaves a record from which another process goes on', async (point) => {
      const key = randomUUID()
      const id = recordId({ kind: 'everyone' }, key)
      const killed = started.get(`${onAbandoned} ${point}`)!
      const survivor = started.get(`${onAbandoned} never`)!
      await expect(killed.charge(key)).rejects.toThrow()
      expect(await killed.ended).toBeNull()
      const hasRun = point !== 'after the claim'
      expect(processes.attempts(killed.pid)).toEqual(hasRun ? [1] : [])

      const first = await survivor.charge(key)
      if (point === 'after it has settled') return isReplayed(first, killed)
      if (point !== 'while it settles') expect([first.status, first.code]).toEqual([409, busy])
      if (first.code === busy) expect(Number(first.headers['retry-after'])).toBeLessThanOrEqual(leaseSeconds)
      const later = await until(
        () => survivor.charge(key),
        ({ code }) => code !== busy,
      )
      expect((await idempotencyRecords(store).show(id))?.fault).toBeUndefined()
      // The last words of the dead may have reached the store.
      if (point === 'while it settles' && isReplay(later)) isReplayed(later, killed)
      else if (onAbandoned === 'reexecute') isRunAgain(later, survivor)
      else await waitsForAnOperator(survivor, key, later)
    })

    const isReplayed = (answer: Answer, killed: GuardedProcess) => {
      expect([answer.status, isReplay(answer)]).toEqual([201, true])
      expect(answer.text).toBe(JSON.stringify({ pid: killed.pid, attempt: 1 }))
    }

    const isRunAgain = (later: Answer, survivor: GuardedProcess) => {
      expect([later.status, isReplay(later)]).toEqual([201, false])
      expect(later.text).toBe(JSON.stringify({ pid: survivor.pid, attempt: 2 }))
    }

    const waitsForAnOperator = async (survivor: GuardedProcess, key: string, blocked: Answer) => {
      const id = recordId({ kind: 'everyone' }, key)
      expect([blocked.status, blocked.code]).toEqual([409, 'idempotency-outcome-unknown'])
      expect([blocked.headers['retry-after'], JSON.parse(blocked.text).retryable]).toEqual([undefined, false])
      const records = idempotencyRecords(store)
      const body = Buffer.from('{"by":"hand"}')
      expect(await records.settle(id, { status: 201, headers: [['content-type', 'application/json']], body })).toBe(
        'ok',
      )
      const settled = await survivor.charge(key)
      expect([settled.status, settled.text, isReplay(settled)]).toEqual([201, '{"by":"hand"}', true])
      expect(await records.release(id)).toBe('ok')
      const released = await survivor.charge(key)
      expect([released.status, released.text]).toEqual([201, JSON.stringify({ pid: survivor.pid, attempt: 1 })])
    }
  })
})
