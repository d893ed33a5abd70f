import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Answer, connections, isReplay, keptPart, post, runs } from './client.js'
import { type LabProcess, labsOver } from './lab-process.js'
import { endProcesses } from './server-process.js'
import { overSharedStores } from './shared-stores.js'

const requests = 10_000
/** Connections to each of the processes: so many requests are there at once. */
const sockets = 64
const frameworks = ['express', 'koa', 'hono', 'express']
const busy = 'idempotency-in-progress'

/** What is neither a reply of the handler nor a conflict with a copy that runs, and how often. */
function unexpected(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status, code, text } of answers) {
    if (status === 201 || (status === 409 && code === busy)) continue
    const name = `${status} ${code ?? text}`
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })

overSharedStores('duplicates sent to four processes on three frameworks', (store) => {
  let labs: LabProcess[]
  beforeAll(async () => {
    labs = await labsOver(store().url, frameworks)
  })
  afterAll(endProcesses)

  /** All at once, as far as there are connections, to the processes by turns; the answers by their key. */
  const send = async (copies: number, query = ''): Promise<Answer[][]> => {
    const agent = connections(sockets)
    let sent = 0
    const copy = (key: string) =>
      post(`${labs[sent++ % labs.length]!.url}/everyone/charge${query}`, { 'idempotency-key': key }, agent)
    const keys = Array.from({ length: requests / copies }, randomUUID)
    const answers = keys.map((key) => Promise.all(Array.from({ length: copies }, () => copy(key))))
    return Promise.all(answers).finally(() => agent.destroy())
  }

  it('ten thousand copies of one request run it once, and each gets its reply or is told to come again', async () => {
    const before = await runs(...labs)
    const answers = (await send(requests, '?delayMs=300')).flat()
    expect(unexpected(answers)).toEqual({})
    expect(await runs(...labs)).toBe(before + 1)
    const [first, ...others] = answers.filter((answer) => answer.status === 201 && !isReplay(answer))
    expect(others).toEqual([])
    const replays = answers.filter(isReplay)
    const refused = answers.filter(({ status, code }) => status === 409 && code === busy)
    for (const replay of replays) expect(keptPart(replay)).toEqual(keptPart(first!))
    for (const { headers } of refused) expect(headers['retry-after']).toMatch(/^[1-5]$/)
    // The crowd was there while the handler ran, and after it.
    expect(Math.min(replays.length, refused.length)).toBeGreaterThan(labs.length)
  })

  it('of a thousand requests sent ten times each, every one runs once', async () => {
    const before = await runs(...labs)
    const answers = await send(10)
    expect(unexpected(answers.flat())).toEqual({})
    expect(await runs(...labs)).toBe(before + requests / 10)
    for (const copies of answers) {
      const kept = copies.filter(({ status }) => status === 201)
      expect(kept.filter((answer) => !isReplay(answer))).toHaveLength(1)
      for (const answer of kept) expect(keptPart(answer)).toEqual(keptPart(kept[0]!))
    }
  })
})
