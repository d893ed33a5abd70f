import { ConfigurationError, StoreError } from '@latchkey/core'
import { type SqliteDatabase, sqliteStore } from '@latchkey/stores/sqlite'
import { afterEach, describe, expect, test } from 'vitest'
import { databaseFile, openDatabase } from './sqlite-files.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

const request = (id: string, changes = {}) => ({
  ...{ id, scope: 'scope', fingerprint: 'fingerprint', token: `token ${id}` },
  ...{ leaseSeconds: 30, ttlSeconds: 600, takeOver: true, ...changes },
})
const bytes = (text: string) => Buffer.from(text)
const refusal = (code: string, text: string) =>
  expect.objectContaining({ constructor: ConfigurationError, code, message: expect.stringContaining(text) })
const unavailable = expect.objectContaining({ constructor: StoreError, fault: 'unavailable' })

function newConnection(file: string) {
  const database = openDatabase(file)
  cleanUp.push(() => database.close())
  return database
}

function newFile(): string {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  return file
}

/** A connection that does not tell whether a transaction is open on it. */
const silent = (database: SqliteDatabase): SqliteDatabase => ({
  exec: (sql) => database.exec(sql),
  prepare: (sql) => database.prepare(sql),
})

/** How the application's transaction and the store come by their connections. */
const arrangements: Record<string, () => { database: SqliteDatabase; store: ReturnType<typeof sqliteStore> }> = {
  'on the connection that the store shares': () => {
    const database = newConnection(newFile())
    database.exec('PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 0')
    return { database, store: sqliteStore({ database, busyTimeoutSeconds: 0.02 }) }
  },
  'on a shared connection that does not tell of it': () => {
    const database = silent(newConnection(newFile()))
    database.exec('PRAGMA journal_mode = WAL')
    return { database, store: sqliteStore({ database, busyTimeoutSeconds: 0.02 }) }
  },
  'on another connection than the store’s': () => {
    const file = newFile()
    const store = sqliteStore({ file, busyTimeoutSeconds: 0.02 })
    cleanUp.push(() => store.close())
    return { database: newConnection(file), store }
  },
}

describe.each(Object.entries(arrangements))('a transaction of the application’s %s', (_, arrange) => {
  function rig() {
    const { database, store } = arrange()
    database.exec('CREATE TABLE payments (id INTEGER PRIMARY KEY)')
    const insert = () => database.exec('INSERT INTO payments DEFAULT VALUES')
    const payments = () =>
      Number((database.prepare('SELECT count(*) AS count FROM payments').get() as { count: number }).count)
    store.idempotency.claim(request('a'))
    return { database, store, insert, payments, transaction: store.transaction(database) }
  }

  test('that commits settles the record along with the application’s own rows, at once', async () => {
    const { database, store, insert, payments, transaction } = rig()
    database.exec('BEGIN IMMEDIATE')
    insert()
    expect(transaction.settle('a', 'token a', bytes('reply'), 600)).toBe('ok')
    database.exec('COMMIT')
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'settled', attempt: 1 })
    expect(await store.idempotency.claim(request('a', { token: 'b' }))).toMatchObject({ outcome: 'settled' })
    expect(payments()).toBe(1)
  })

  test('that commits leaves a tombstone', async () => {
    const { database, store, transaction } = rig()
    database.exec('BEGIN')
    expect(transaction.tombstone('a', 'token a', bytes('note'), 600)).toBe('ok')
    database.exec('COMMIT')
    expect(await store.idempotency.claim(request('a', { token: 'b' }))).toMatchObject({ outcome: 'tombstone' })
  })

  test('that is rolled back leaves the record running, and no row', async () => {
    const { database, store, insert, payments, transaction } = rig()
    database.exec('BEGIN')
    insert()
    expect(transaction.settle('a', 'token a', bytes('reply'), 600)).toBe('ok')
    database.exec('ROLLBACK')
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'running', attempt: 1 })
    expect(await store.idempotency.settle('a', 'token a', bytes('later'), 600)).toBe('ok')
    expect(payments()).toBe(0)
  })

  test('of an attempt that was overtaken is stale, and nothing is written', async () => {
    const { database, store, transaction } = rig()
    database.exec('BEGIN')
    expect(transaction.settle('a', 'another token', bytes('reply'), 600)).toBe('stale')
    expect(transaction.settle('b', 'token a', bytes('reply'), 600)).toBe('stale')
    database.exec('COMMIT')
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'running' })
  })

  test('settles a record once: a second time is stale, in the same one or in another', async () => {
    const { database, store, transaction } = rig()
    database.exec('BEGIN')
    expect(transaction.settle('a', 'token a', bytes('first'), 600)).toBe('ok')
    expect(transaction.settle('a', 'token a', bytes('second'), 600)).toBe('stale')
    database.exec('COMMIT; BEGIN')
    expect(transaction.settle('a', 'token a', bytes('third'), 600)).toBe('stale')
    database.exec('COMMIT')
    expect(Buffer.from((await store.idempotency.find('a'))!.content!).toString()).toBe('first')
  })

  test('has to be open', async () => {
    const { store, transaction } = rig()
    expect(() => transaction.settle('a', 'token a', bytes('reply'), 600)).toThrow(refusal('cannot-settle', 'BEGIN'))
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'running' })
  })

  test('is never looked into: what it has not committed is not replayed', async () => {
    const { database, store, transaction } = rig()
    database.exec('BEGIN IMMEDIATE')
    transaction.settle('a', 'token a', bytes('reply'), 600)
    const claim = async () => store.idempotency.claim(request('a', { token: 'b' }))
    // Where it is on another connection, what was there before can be read meanwhile.
    const seen = await claim().catch((error) => error)
    expect([{ outcome: 'running', leaseRemainingMs: expect.any(Number) }, unavailable]).toContainEqual(seen)
    await expect(async () => store.idempotency.release('a', 'token a')).rejects.toEqual(unavailable)
    database.exec('ROLLBACK')
    expect(await claim()).toMatchObject({ outcome: 'running' })
    expect(await store.idempotency.release('a', 'token a')).toBe('ok')
  })
})

test('a lock that stands in the way is told of by the driver’s own error, and nothing is left open by it', async () => {
  const file = newFile()
  const store = sqliteStore({ file })
  cleanUp.push(() => store.close())
  const [database, other] = [newConnection(file), newConnection(file)]
  database.exec('PRAGMA busy_timeout = 0; CREATE TABLE payments (id INTEGER PRIMARY KEY)')
  await store.idempotency.claim(request('a'))
  const transaction = store.transaction(database)
  other.exec('BEGIN IMMEDIATE')
  database.exec('BEGIN')
  const settle = () => transaction.settle('a', 'token a', bytes('reply'), 600)
  expect(settle).toThrow(expect.objectContaining({ code: expect.stringMatching(/SQLITE_BUSY|ERR_SQLITE/) }))
  database.exec('ROLLBACK')
  other.exec('COMMIT')
  database.exec('BEGIN IMMEDIATE; INSERT INTO payments DEFAULT VALUES')
  expect(settle()).toBe('ok')
  database.exec('COMMIT')
  expect(other.prepare('SELECT count(*) AS count FROM payments').get()).toMatchObject({ count: 1 })
  expect(await store.idempotency.find('a')).toMatchObject({ state: 'settled' })
})

test('of a store with a file the connection has to be given, and of any it has to be one to its database', async () => {
  const store = sqliteStore({ file: newFile() })
  cleanUp.push(() => store.close())
  expect(() => store.transaction()).toThrow(refusal('invalid-option', 'must be given the connection'))
  expect(() => store.transaction({} as never)).toThrow(refusal('unsupported-client', 'has no exec()'))
  const elsewhere = newConnection(newFile())
  expect(() => store.transaction(elsewhere)).toThrow(refusal('unsupported-client', 'no such table'))
})

test('of a shared connection it is there without an argument, and is made once', () => {
  const database = newConnection(newFile())
  const store = sqliteStore({ database })
  expect(store.transaction()).toBe(store.transaction(database))
  const other = silent(database)
  expect(store.transaction(other)).toBe(store.transaction(other))
})
