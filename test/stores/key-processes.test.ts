import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { until } from './cached-keys.js'
import { openPg } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'
import { noRedisServer, type RedisServer, startRedis } from './redis-server.js'
import { databaseFile } from './sqlite-files.js'

const script = fileURLToPath(new URL('key-process.mjs', import.meta.url))
const children: ChildProcess[] = []

function endProcesses(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL')
}

/** A process with keys in that store, which hears what others change, as far as it can. */
async function keyProcess(kind: string, place: string, corner: string, ttlSeconds: number) {
  const child = fork(script, [kind, place, corner, String(ttlSeconds)], { execArgv: [] })
  children.push(child)
  await once(child, 'message')
  const waiting = new Map<number, (answer: unknown) => void>()
  child.on('message', ({ call, answer }: { call: number; answer: unknown }) => waiting.get(call)?.(answer))
  let calls = 0
  return <Answer>(task: string, value?: unknown) => {
    const call = ++calls
    return new Promise<Answer>((resolve) => {
      waiting.set(call, resolve as (answer: unknown) => void)
      child.send({ call, task, value })
    })
  }
}

type Corner = readonly [kind: string, place: string, corner: string]
type KeyProcess = Awaited<ReturnType<typeof keyProcess>>

function twoProcesses(corner: Corner, ttlSeconds: number): Promise<[KeyProcess, KeyProcess]> {
  return Promise.all([keyProcess(...corner, ttlSeconds), keyProcess(...corner, ttlSeconds)])
}

/** A key that one process has issued and the other has in its cache. */
async function sharedKey(a: KeyProcess, b: KeyProcess): Promise<{ key: string; id: string }> {
  const issued = await b<{ key: string; id: string }>('issue')
  expect(await a('verify', issued.key)).toBe('valid')
  return issued
}

function declare(open: () => Corner): void {
  let a: KeyProcess
  let b: KeyProcess
  beforeAll(async () => {
    ;[a, b] = await twoProcesses(open(), 60)
  }, 30_000)
  afterAll(endProcesses)

  test('a key that one process revokes is refused by another that has it in its cache', async () => {
    const { key, id } = await sharedKey(a, b)
    await b('revoke', id)
    await until(async () => (await a('verify', key)) === 'revoked')
  }, 40_000)

  test('one that is disabled, too, and it is let in when it is enabled', async () => {
    const { key, id } = await sharedKey(a, b)
    await b('disable', id)
    await until(async () => (await a('verify', key)) === 'disabled')
    await b('enable', id)
    await until(async () => (await a('verify', key)) === 'valid')
  }, 40_000)

  test('a process that verifies without a pause refuses a key from one moment on, for good', async () => {
    for (let round = 0; round < 20; round++) {
      const { key, id } = await b<{ key: string; id: string }>('issue')
      const seen = a<string[]>('verifyUntil', { key, reason: 'revoked' })
      await until(async () => (await a<string[]>('seen')).length > 0)
      await b('revoke', id)
      expect(await seen).toEqual(['valid', 'revoked'])
    }
  }, 60_000)

  test('a key counts in every process from the moment that it is issued', async () => {
    const { key } = await a<{ key: string }>('issue')
    expect(await b('verify', key)).toBe('valid')
  }, 40_000)
}

const noServer = noRedisServer()
if (noServer !== undefined) it.skip(`processes on one Redis (skipped: ${noServer})`)

describe.skipIf(noServer !== undefined)('processes on one Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server?.remove())
  declare(() => ['redis', server.url, 'latchkey:'])
})

const noDatabase = await noPostgres()
if (noDatabase !== undefined) it.skip(`processes on one Postgres (skipped: ${noDatabase})`)

describe.skipIf(noDatabase !== undefined)('processes on one Postgres', () => {
  const schema = newSchema()
  let server: Awaited<ReturnType<typeof anyPostgres>>
  let own: ReturnType<typeof openPg>
  beforeAll(async () => {
    server = await anyPostgres()
    own = openPg(server.url, { max: 1 })
    await postgresStore({ client: own.client, schema }).migrate()
  })
  afterAll(async () => {
    await own?.run(`DROP SCHEMA "${schema}" CASCADE`)
    await own?.end()
    server?.remove()
  })
  declare(() => ['postgres', server.url, schema])
})

test('processes on one SQLite file: a key that one revokes is refused by another within its ttl, and at once by itself', async () => {
  const { file, remove } = databaseFile()
  try {
    const [a, b] = await twoProcesses(['sqlite', file, ''], 1)
    const { key, id } = await sharedKey(a, b)
    expect(await b('verify', key)).toBe('valid')
    const seen = a<string[]>('verifyUntil', { key, reason: 'revoked' })
    await b('revoke', id)
    expect(await b('verify', key)).toBe('revoked')
    expect((await seen).at(-1)).toBe('revoked')
    expect(await seen).not.toContain('again')
  } finally {
    endProcesses()
    remove()
  }
}, 40_000)
