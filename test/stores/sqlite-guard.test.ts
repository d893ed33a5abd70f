import { closeSync, openSync, writeSync } from 'node:fs'
import { ConfigurationError, idempotency, type Store, StoreError } from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { sqliteStore } from '@latchkey/stores/sqlite'
import Libsql from 'libsql'
import { afterEach, expect, test } from 'vitest'
import { databaseFile, openDatabase } from './sqlite-files.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

function newFile(): string {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  return file
}

/** What a request with this key gets from a handler that answers with so many bytes and how often it has run. */
function service(store: Store, onRun: () => unknown = () => undefined) {
  let runs = 0
  const guard = idempotency({ store, scope: 'everyone' })
  const handle = protect({ idempotency: guard }, async () => {
    runs++
    await onRun()
    return new Response(`${runs} ${'x'.repeat(20_000)}`, { status: 201 })
  })
  const post = async (key: string) => {
    const headers = { 'idempotency-key': key }
    const reply = await handle(new Request('http://a.test/payments', { method: 'POST', body: '{}', headers }))
    return { status: reply.status, retryAfter: reply.headers.get('retry-after'), text: await reply.text() }
  }
  return { post, runs: () => runs }
}

const unavailable = { status: 503, retryAfter: '1', text: expect.stringContaining('idempotency-store-unavailable') }

test('a full database refuses new requests before the handler, and takes them when it has room', async () => {
  const database = new Libsql(':memory:')
  const { post, runs } = service(sqliteStore({ database }))
  database.exec('PRAGMA max_page_count = 1')
  const refused = []
  // Until the pages that are there are full.
  while (refused.length === 0) {
    const before = runs()
    const answer = await post(`key-${before}`)
    if (answer.status === 503) {
      refused.push(answer)
      expect(runs()).toBe(before)
    }
  }
  expect(refused).toMatchObject([unavailable])
  database.exec('PRAGMA max_page_count = 1000000')
  expect(await post(`key-${runs()}`)).toMatchObject({ status: 201 })
})

test('where a database is full when a reply is to be kept, its client has it, and no retry runs the handler again', async () => {
  const database = new Libsql(':memory:')
  const { post, runs } = service(sqliteStore({ database }), () => database.exec('PRAGMA max_page_count = 1'))
  expect(await post('key')).toMatchObject({ status: 201, text: expect.stringMatching(/^1 x/) })
  for (const pages of [1, 1_000_000]) {
    database.exec(`PRAGMA max_page_count = ${pages}`)
    const carriedOut = expect.stringContaining('idempotency-response-unavailable')
    expect(await post('key')).toMatchObject({ status: 409, text: carriedOut })
  }
  expect(runs()).toBe(1)
})

test('a database that another process keeps locked is a 503 within the time it may take, and the event loop runs on', async () => {
  const file = newFile()
  const store = sqliteStore({ file, busyTimeoutSeconds: 0.2 })
  const other = openDatabase(file)
  cleanUp.push(() => other.close())
  cleanUp.push(() => store.close())
  const { post, runs } = service(store)
  other.exec('BEGIN IMMEDIATE')
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const answers = await Promise.all(['a', 'b', 'c'].map(post))
  clearInterval(timer)
  expect(answers).toMatchObject([unavailable, unavailable, unavailable])
  expect(turns).toBeGreaterThan(10)
  expect(runs()).toBe(0)
  other.exec('COMMIT')
  expect(await post('a')).toMatchObject({ status: 201 })
})

test('a database that may only be read replays what is in it, and takes nothing new', async () => {
  const database = new Libsql(':memory:')
  const { post, runs } = service(sqliteStore({ database }))
  const first = await post('known')
  database.exec('PRAGMA query_only = ON')
  expect(await post('known')).toMatchObject({ text: first.text })
  expect(await post('new')).toMatchObject(unavailable)
  expect(runs()).toBe(1)
})

/** A database with a record, all in one file, part of which is then overwritten. */
async function damagedFile(fromByte: number, bytes: number): Promise<string> {
  const file = newFile()
  const store = sqliteStore({ file })
  await service(store).post('known')
  await store.close()
  const database = openDatabase(file)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, Buffer.alloc(bytes, 0xa5), 0, bytes, fromByte)
  closeSync(descriptor)
  return file
}

test('a file whose header is damaged is refused when it is opened', async () => {
  const file = await damagedFile(0, 100)
  expect(() => sqliteStore({ file })).toThrow(ConfigurationError)
})

test('a file whose pages are damaged runs nothing', async () => {
  const file = await damagedFile(4096, 1_000_000)
  let store: Store
  try {
    store = sqliteStore({ file })
  } catch (error) {
    expect([ConfigurationError, StoreError]).toContain((error as Error).constructor)
    return
  }
  cleanUp.push(() => store.close())
  const { post, runs } = service(store)
  expect(await post('known')).toMatchObject(unavailable)
  expect(runs()).toBe(0)
})
