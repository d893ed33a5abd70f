import { StoreError } from '@latchkey/core'
import { type SqliteStoreOptions, sqliteStore } from '@latchkey/stores/sqlite'
import { afterEach, expect, test } from 'vitest'
import { databaseFile, openDatabase } from './sqlite-files.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

/** A store, and another connection to its file that can stand in the way. */
function contended(options: Partial<SqliteStoreOptions> = {}) {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  const store = sqliteStore({ file, ...options })
  const other = openDatabase(file)
  cleanUp.push(() => other.close())
  cleanUp.push(() => store.close())
  return { store, other, file }
}

const request = (id: string) => ({
  id,
  scope: 'scope',
  fingerprint: 'fingerprint',
  token: `token ${id}`,
  leaseSeconds: 30,
  ttlSeconds: 600,
  takeOver: true,
})

const unavailable = expect.objectContaining({ constructor: StoreError, fault: 'unavailable' })

test('while another process writes, a claim waits without blocking the event loop, and succeeds in the end', async () => {
  const { store, other } = contended({ busyTimeoutSeconds: 30 })
  other.exec('BEGIN IMMEDIATE')
  const claims = ['a', 'b', 'c'].map(async (id) => store.idempotency.claim(request(id)))
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  other.exec('COMMIT')
  for (const claim of claims) expect(await claim).toEqual({ outcome: 'claimed', attempt: 1 })
})

test('a write that comes once the lock is free waits behind those that came before it, and a read does not', async () => {
  const { store, other } = contended({ busyTimeoutSeconds: 30 })
  const order: string[] = []
  const claim = async (id: string) => {
    await store.idempotency.claim(request(id))
    order.push(id)
  }
  other.exec('BEGIN IMMEDIATE')
  const early = [claim('a'), claim('b')]
  other.exec('COMMIT')
  const late = claim('c')
  expect(store.idempotency.find('c')).toBeUndefined()
  await Promise.all([late, ...early])
  expect(order).toEqual(['a', 'b', 'c'])
})

test('a lock that is not let go of makes the store unavailable, and claims nothing', async () => {
  const { store, other } = contended({ busyTimeoutSeconds: 0.02 })
  other.exec('BEGIN IMMEDIATE')
  const writes = [
    async () => store.idempotency.claim(request('a')),
    async () => store.replay.reserve('a', 'token', 30),
    async () => store.keys.revoke('a', 1, null),
  ]
  for (const write of writes) await expect(write()).rejects.toEqual(unavailable)
  other.exec('COMMIT')
  expect(await store.idempotency.find('a')).toBeUndefined()
  expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
})

test('a reply that is stored is replayed while another process holds the lock', async () => {
  const { store, other } = contended()
  await store.idempotency.claim(request('a'))
  await store.idempotency.settle('a', 'token a', Buffer.from('reply'), 600)
  other.exec('BEGIN EXCLUSIVE')
  const claim = store.idempotency.claim({ ...request('a'), token: 'another' })
  expect(claim).toEqual({ outcome: 'settled', reply: expect.any(Uint8Array) })
  other.exec('COMMIT')
})

test('after a lock has stood in the way, what is answered as written is there for others', async () => {
  const { store, other, file } = contended({ busyTimeoutSeconds: 0 })
  other.exec('BEGIN IMMEDIATE')
  await expect(async () => store.idempotency.claim(request('a'))).rejects.toEqual(unavailable)
  other.exec('COMMIT')
  await store.replay.reserve('b', 'token', 30)
  expect(other.prepare('SELECT count(*) AS rows FROM latchkey_replay').get()).toMatchObject({ rows: 1 })
  other.exec('CREATE TABLE theirs (x)')
  const third = sqliteStore({ file })
  expect(await third.replay.reserve('b', 'another', 30)).toMatchObject({ outcome: 'running' })
  await third.close()
})

test('without a WAL a reader can meet a lock, too, and leaves none behind', async () => {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  const [database, other] = [openDatabase(file), openDatabase(file)]
  for (const each of [database, other]) cleanUp.push(() => each.close())
  const store = sqliteStore({ database, busyTimeoutSeconds: 0 })
  await store.idempotency.claim(request('a'))
  other.exec('BEGIN EXCLUSIVE')
  await expect(async () => store.keys.find('a')).rejects.toEqual(unavailable)
  await expect(async () => store.idempotency.find('a')).rejects.toEqual(unavailable)
  other.exec('COMMIT')
  expect(await store.idempotency.settle('a', 'token a', Buffer.from('reply'), 600)).toBe('ok')
  other.exec('CREATE TABLE theirs (x)')
  expect(await store.idempotency.find('a')).toMatchObject({ state: 'settled' })
})

test('after a read that met a lock, the next one finds what it asks for, and nothing of what the first did', async () => {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  const [database, other] = [openDatabase(file), openDatabase(file)]
  for (const each of [database, other]) cleanUp.push(() => each.close())
  const store = sqliteStore({ database, busyTimeoutSeconds: 0 })
  await store.idempotency.claim(request('a'))
  await store.idempotency.settle('a', 'token a', Buffer.from('for a alone'), 600)
  for (const times of [1, 2, 3]) {
    other.exec('BEGIN EXCLUSIVE')
    for (let time = 0; time < times; time++) {
      await expect(async () => store.idempotency.find('a')).rejects.toEqual(unavailable)
      await expect(async () => store.idempotency.claim(request('a'))).rejects.toEqual(unavailable)
    }
    other.exec('COMMIT')
    expect(await store.idempotency.find('b')).toBeUndefined()
    expect(await store.idempotency.claim(request(`b${times}`))).toEqual({ outcome: 'claimed', attempt: 1 })
  }
})

test('a transaction of the application on a shared connection is waited for, and never written into', async () => {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  const database = openDatabase(file)
  cleanUp.push(() => database.close())
  const store = sqliteStore({ database, busyTimeoutSeconds: 30 })
  database.exec('BEGIN')
  const claim = store.idempotency.claim(request('a'))
  database.exec('ROLLBACK')
  expect(await claim).toEqual({ outcome: 'claimed', attempt: 1 })
  expect(await store.idempotency.find('a')).toMatchObject({ state: 'running' })
})

test('closing refuses what waits and what comes, and leaves a connection of the application open', async () => {
  const { store, other } = contended({ busyTimeoutSeconds: 30 })
  other.exec('BEGIN IMMEDIATE')
  const claim = store.idempotency.claim(request('a'))
  await store.close()
  await expect(claim).rejects.toEqual(unavailable)
  expect(() => store.idempotency.claim(request('a'))).toThrow(unavailable)
  expect(() => store.keys.find('a')).toThrow(unavailable)
  other.exec('COMMIT')

  const shared = sqliteStore({ database: other })
  await shared.close()
  expect(other.prepare('SELECT 1 AS one').get()).toMatchObject({ one: 1 })
})
