import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LabProcess, labProcess, launcher } from './lab-process.js'
import { temporaryFolder } from './suite.js'

let folder: string
let started: LabProcess[]

beforeEach(() => {
  folder = temporaryFolder()
  started = []
})

afterEach(async () => {
  await Promise.all(started.map((lab) => lab.end('SIGKILL')))
  await rm(folder, { recursive: true })
})

/** A lab over the one file that all processes of a test share. */
async function lab(adapter: string, idempotency: object = {}): Promise<LabProcess> {
  const options = JSON.stringify({ idempotency })
  const args = ['--adapter', adapter, '--store', `sqlite:${join(folder, 'lab.db')}`, '--seed', 'shared']
  const running = await labProcess([...args, '--options', options])
  started.push(running)
  return running
}

function charge({ url, keys }: LabProcess, key: string, query = ''): Promise<Response> {
  const headers = { authorization: `Bearer ${keys.alice}`, 'idempotency-key': key, 'content-type': 'application/json' }
  return fetch(`${url}/idem/charge${query}`, { method: 'POST', headers, body: '{"amount":5}' })
}

async function runs({ url }: LabProcess): Promise<number> {
  return (await (await fetch(`${url}/lab/runs`)).json()).total
}

async function until<T>(ask: () => Promise<T>, found: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (found(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function code(response: Response): Promise<unknown> {
  return (await response.clone().json()).code
}

describe.each(['express', 'koa', 'hono'])('a lab on %s in a process of its own', (adapter) => {
  it('prints one line once it listens, finishes what runs when it is told to end, and exits with 0', async () => {
    const one = await lab(adapter)
    const running = charge(one, 'k', '?delayMs=300')
    await until(
      () => runs(one),
      (count) => count === 1,
    )
    const ended = one.end('SIGTERM')
    expect((await running).status).toBe(201)
    expect(await ended).toBe(0)
    expect(one.output().split('\n')).toHaveLength(1)
    const other = await lab(adapter)
    expect((await charge(other, 'k', '?delayMs=300')).headers.get('idempotent-replayed')).toBe('true')
  })

  it('killed in the handler blocks the key for the rest of its lease and loses nothing that had settled', async () => {
    const settings = { leaseSeconds: 1.5 }
    const killed = await lab(adapter, settings)
    const survivor = await lab(adapter, settings)
    await charge(killed, 'settled')
    void charge(killed, 'hung', '?kind=never').catch(() => {})
    await until(
      () => runs(killed),
      (count) => count === 2,
    )
    await killed.end('SIGKILL')
    const refused = await charge(survivor, 'hung', '?kind=never')
    expect([refused.status, await code(refused)]).toEqual([409, 'idempotency-in-progress'])
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(2)
    expect((await charge(survivor, 'settled')).headers.get('idempotent-replayed')).toBe('true')
    expect(await runs(survivor)).toBe(0)
    // Once the lease is over a copy gets through, and hangs in its turn.
    const copies = until(
      () => charge(survivor, 'hung', '?kind=never'),
      ({ status }) => status !== 409,
    )
    copies.catch(() => {})
    await until(
      () => runs(survivor),
      (count) => count === 1,
    )
  })

  it('killed in the handler leaves an unknown outcome where that is asked for', async () => {
    const settings = { leaseSeconds: 0.5, onAbandoned: 'block' }
    const killed = await lab(adapter, settings)
    const survivor = await lab(adapter, settings)
    void charge(killed, 'k', '?delayMs=60000').catch(() => {})
    await until(
      () => runs(killed),
      (count) => count === 1,
    )
    await killed.end('SIGKILL')
    const blocked = await until(
      () => charge(survivor, 'k', '?delayMs=60000'),
      (response) => response.headers.get('retry-after') === null,
    )
    expect([blocked.status, await code(blocked)]).toEqual([409, 'idempotency-outcome-unknown'])
    expect(await runs(survivor)).toBe(0)
  })
})

it('labs on three frameworks over one store run a request once between them', async () => {
  const labs = [await lab('express'), await lab('koa'), await lab('hono')]
  const copies = Array.from({ length: 60 }, (_, index) => charge(labs[index % 3]!, 'k', '?delayMs=100'))
  const answers = await Promise.all(copies)
  for (const answer of answers) expect([201, 409]).toContain(answer.status)
  const totals = await Promise.all(labs.map(runs))
  expect(totals.reduce((sum, count) => sum + count)).toBe(1)
  const replays = await Promise.all(labs.map((each) => charge(each, 'k', '?delayMs=100')))
  const bodies = new Set(await Promise.all(replays.map((replay) => replay.text())))
  expect(replays.map((replay) => replay.headers.get('idempotent-replayed'))).toEqual(['true', 'true', 'true'])
  expect(bodies.size).toBe(1)
})

it('the command of package.json starts the lab in its own process and prints nothing besides', async () => {
  const one = await labProcess(['--adapter', 'hono', '--store', 'memory', '--seed', 'one'], launcher)
  started.push(one)
  const two = await labProcess(['--adapter', 'koa', '--seed', 'one'], launcher)
  started.push(two)
  expect(two.keys).toEqual(one.keys)
  expect((await charge(one, 'k')).status).toBe(201)
  expect(await one.end('SIGTERM')).toBe(0)
  expect(Object.keys(JSON.parse(one.output()))).toEqual(['url', 'pid', 'keys'])
})
