import { StoreError } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import Libsql from 'libsql'
import { afterEach, expect, test, vi } from 'vitest'
import { blankKey } from './blank-key.js'
import { databaseFile, openDatabase } from './sqlite-files.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  for (const work of cleanUp.splice(0).reverse()) await work()
})

const request = (id: string, changes = {}) => ({
  id,
  scope: 'scope',
  fingerprint: 'fingerprint',
  token: `token ${id}`,
  leaseSeconds: 30,
  ttlSeconds: 600,
  takeOver: true,
  ...changes,
})

const token = (id: string) => ({ id, subject: 'alice', purpose: 'password-reset', data: '{}' })

const fault = (name: string) => expect.objectContaining({ constructor: StoreError, fault: name })

function inMemory(now?: () => number) {
  const database = new Libsql(':memory:')
  return { database, store: sqliteStore({ database, ...(now === undefined ? {} : { now }) }) }
}

test('a database that may not grow fails closed and goes on when it may', async () => {
  const { database, store } = inMemory()
  await store.idempotency.claim(request('a'))
  database.exec('PRAGMA max_page_count = 1')
  const long = Buffer.alloc(100_000)
  expect(() => store.idempotency.settle('a', 'token a', long, 600)).toThrow(fault('full'))
  expect(await store.idempotency.claim(request('a', { token: 'another' }))).toMatchObject({ outcome: 'running' })
  database.exec('PRAGMA max_page_count = 1000000')
  expect(await store.idempotency.settle('a', 'token a', long, 600)).toBe('ok')
})

test('a database that may not be written to fails closed', async () => {
  const { database, store } = inMemory()
  database.exec('PRAGMA query_only = ON')
  expect(() => store.idempotency.claim(request('a'))).toThrow(fault('unavailable'))
  expect(() => store.replay.reserve('a', 'token', 30)).toThrow(fault('unavailable'))
  expect(() => store.tokens.insert(token('a'), 60, false)).toThrow(fault('unavailable'))
  expect(await store.idempotency.find('a')).toBeUndefined()
})

test('a record in a state that does not exist is neither run nor overwritten', async () => {
  const { database, store } = inMemory()
  await store.idempotency.claim(request('a'))
  database.exec(`UPDATE latchkey_idempotency SET state = 'from the future'`)
  expect(() => store.idempotency.claim(request('a'))).toThrow(fault('corrupt'))
  expect(await store.idempotency.settle('a', 'token a', Buffer.from('reply'), 600)).toBe('stale')
  expect(database.prepare('SELECT state FROM latchkey_idempotency').get()).toMatchObject({ state: 'from the future' })
})

test('a settled record without its reply is corrupt, and an operator sees it as that and releases it', async () => {
  const { database, store } = inMemory()
  await store.idempotency.claim(request('a'))
  await store.idempotency.settle('a', 'token a', Buffer.from('reply'), 600)
  database.exec('UPDATE latchkey_idempotency SET content = NULL')
  expect(() => store.idempotency.claim(request('a'))).toThrow(fault('corrupt'))
  expect(await store.idempotency.find('a')).toMatchObject({ state: 'unreadable' })
  expect(await store.idempotency.list({ state: 'unreadable', limit: 10 })).toMatchObject([{ id: 'a' }])
  expect(await store.idempotency.resolve('a', { kind: 'release' }, 600)).toBe('ok')
})

test('an API key whose scopes cannot be read is corrupt, not a key without scopes', async () => {
  const { database, store } = inMemory()
  await store.keys.insert(blankKey('a'))
  database.exec(`UPDATE latchkey_keys SET scopes = '["a:'`)
  expect(() => store.keys.find('a')).toThrow(fault('corrupt'))
})

test('a table that is gone makes the store unavailable', () => {
  const { database, store } = inMemory()
  database.exec('DROP TABLE latchkey_idempotency')
  expect(() => store.idempotency.claim(request('a'))).toThrow(fault('unavailable'))
})

test('expired rows go while new ones come, and no row that lives', async () => {
  let nowMs = 1_790_000_000_000
  const { database, store } = inMemory(() => nowMs)
  const count = () =>
    Number((database.prepare('SELECT count(*) AS n FROM latchkey_idempotency').get() as { n: number }).n)
  for (let index = 0; index < 200; index++) {
    await store.idempotency.claim(request(`old ${index}`, { leaseSeconds: index === 7 ? 86_400 : 30 }))
    await store.replay.reserve(`old ${index}`, 'token', index === 7 ? 86_400 : 30)
    await store.replay.commit(`old ${index}`, 'token', index === 9 ? 86_400 : 60)
    await store.tokens.insert(token(`old ${index}`), index === 9 ? 86_400 : 60, false)
    await store.rates.count(`old ${index}`, { limit: 1, windowSeconds: index === 9 ? 86_400 : 60 })
  }
  nowMs += 700_000
  for (let index = 0; index < 100; index++) {
    await store.idempotency.claim(request(`new ${index}`))
    await store.replay.reserve(`new ${index}`, 'token', 30)
    await store.tokens.insert(token(`new ${index}`), 60, false)
    await store.rates.count(`new ${index}`, { limit: 1, windowSeconds: 60 })
  }
  expect(count()).toBe(101)
  expect(await store.idempotency.find('old 7')).toMatchObject({ state: 'running' })
  expect(database.prepare('SELECT count(*) AS n FROM latchkey_replay').get()).toMatchObject({ n: 101 })
  expect(database.prepare('SELECT count(*) AS n FROM latchkey_tokens').get()).toMatchObject({ n: 101 })
  expect(database.prepare('SELECT count(*) AS n FROM latchkey_rates').get()).toMatchObject({ n: 101 })
  expect(await store.tokens.consume('old 9')).toEqual(token('old 9'))
  expect(await store.replay.reserve('old 9', 'another', 30)).toEqual({ outcome: 'committed' })
  expect(await store.idempotency.list({ limit: 1000 })).toHaveLength(101)
})

test.runIf(process.platform === 'linux')(
  'setting the wall clock moves no lease, in this process or the next',
  async () => {
    const { file, remove } = databaseFile()
    cleanUp.push(remove)
    const first = sqliteStore({ file })
    cleanUp.push(() => first.close())
    await first.idempotency.claim(request('a'))
    const wallClock = Date.now
    for (const hours of [1, 24, -1, -24]) {
      vi.spyOn(Date, 'now').mockImplementation(() => wallClock() + hours * 3_600_000)
      const next = sqliteStore({ file })
      for (const store of [first, next]) {
        const claim = await store.idempotency.claim(request('a', { token: 'another' }))
        expect(claim.outcome).toBe('running')
        if (claim.outcome === 'running') expect(claim.leaseRemainingMs).toBeLessThanOrEqual(30_000)
      }
      await next.close()
      vi.restoreAllMocks()
    }
    expect((await first.idempotency.find('a'))!.createdAtMs / 60_000).toBeCloseTo(Date.now() / 60_000, 0)
  },
)

test.runIf(process.platform === 'linux')('a process under made-up clocks shares the time of the others', async () => {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  const first = sqliteStore({ file })
  cleanUp.push(() => first.close())
  await first.idempotency.claim(request('a'))
  const wallClock = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => wallClock() + 60_000)
  vi.spyOn(process, 'hrtime').mockImplementation(() => [Math.floor(Date.now() / 1000), 0])
  const skewed = sqliteStore({ file })
  cleanUp.push(() => skewed.close())
  const claim = await skewed.idempotency.claim(request('a', { token: 'another' }))
  expect(claim.outcome).toBe('running')
})

test.runIf(process.platform === 'linux')(
  'after a restart of the machine the clock starts from the wall clock again',
  async () => {
    const { file, remove } = databaseFile()
    cleanUp.push(remove)
    await sqliteStore({ file }).close()
    const database = openDatabase(file)
    cleanUp.push(() => database.close())
    database.exec(`UPDATE latchkey_meta SET value = '0 another-boot' WHERE name = 'clock'`)
    const store = sqliteStore({ database })
    await store.idempotency.claim(request('a'))
    expect((await store.idempotency.find('a'))!.createdAtMs / 60_000).toBeCloseTo(Date.now() / 60_000, 0)
  },
)
