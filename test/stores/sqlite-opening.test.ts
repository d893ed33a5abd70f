import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigurationError } from '@latchkey/core'
import { type SqliteStoreOptions, sqliteStore } from '@latchkey/stores/sqlite'
import Libsql from 'libsql'
import LibsqlPromise from 'libsql/promise'
import { afterEach, describe, expect, test } from 'vitest'
import { blankKey } from './blank-key.js'
import { databaseFile, openDatabase } from './sqlite-files.js'
import { newestVersion, takeBack } from './sqlite-older.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

function newFile(): string {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  return file
}

function refusal(code: string, text: string) {
  return expect.objectContaining({ constructor: ConfigurationError, code, message: expect.stringContaining(text) })
}

const request = {
  ...{ id: 'a', scope: 'scope', fingerprint: 'fingerprint', token: 'token' },
  ...{ leaseSeconds: 30, ttlSeconds: 600, takeOver: true },
}
const token = { id: 'a', subject: 'alice', purpose: 'password-reset', data: '{}' }

const rows = (row: unknown) => ({ exec() {}, prepare: () => ({ run() {}, get: () => row, all: () => [row] }) })

describe('what is no synchronous SQLite connection is refused by what it is', () => {
  test.each([
    ['a string', 'app.db', 'a string'],
    ['null', null, 'null'],
    [
      'a pool of pg',
      new (class Pool {
        query() {}
      })(),
      'of class Pool, which has no exec()',
    ],
    ['a client of sql.js', { exec() {}, prepare: () => ({ step() {}, getAsObject() {} }) }, 'have no run()'],
    ['a client that answers with promises', rows(Promise.resolve({ one: 1 })), 'which answers with promises'],
    ['a client of callbacks', rows(undefined), 'whose rows are not objects'],
    ['a client set to raw rows', rows([1]), 'whose rows are not objects'],
    ['a client of no prototype', Object.create(null), 'which has no exec()'],
  ])('%s', (_, database, text) => {
    expect(() => sqliteStore({ database: database as never })).toThrow(refusal('unsupported-client', text))
  })

  test('libsql with promises', () => {
    const database = new LibsqlPromise(':memory:', {})
    expect(() => sqliteStore({ database: database as never })).toThrow(refusal('unsupported-client', 'promises'))
  })

  test('a connection that was closed', () => {
    const database = new Libsql(':memory:')
    database.close()
    expect(() => sqliteStore({ database })).toThrow(refusal('unsupported-client', 'cannot be asked'))
  })
})

test.each([
  [{}, '"file" must be a path'],
  [{ file: '' }, '"file" must be a path'],
  [{ file: 'libsql://example.test' }, '"file" must be a path'],
  [{ path: 'app.db' }, 'there is no option "path"'],
  [{ file: 'app.db', busyTimeoutSeconds: Number.NaN }, '"busyTimeoutSeconds"'],
  [{ file: 'app.db', synchronous: 'off' }, '"synchronous"'],
  [{ file: 'app.db', now: 1 }, '"now"'],
  [{ file: 'app.db', database: rows({ one: 1 }) }, '"file" and "database"'],
])('the options %o are refused', (options, text) => {
  expect(() => sqliteStore(options as SqliteStoreOptions)).toThrow(refusal('invalid-option', text))
})

test('a file that is no database, a directory, and a path into nowhere are refused by name', () => {
  const file = newFile()
  writeFileSync(file, 'This file is text, and no database. '.repeat(100))
  const directory = join(dirname(file), 'directory')
  mkdirSync(directory)
  for (const path of [file, directory, join(dirname(file), 'nowhere', 'latchkey.db')]) {
    expect(() => sqliteStore({ file: path })).toThrow(refusal('invalid-option', '"file" must be'))
  }
})

test('tables of a later version are refused and left alone', async () => {
  const file = newFile()
  await sqliteStore({ file }).close()
  const database = openDatabase(file)
  cleanUp.push(() => database.close())
  database.exec(`UPDATE latchkey_meta SET value = '99' WHERE name = 'schema'`)
  expect(() => sqliteStore({ file })).toThrow(refusal('invalid-option', 'of version 99'))
  expect(() => sqliteStore({ database })).toThrow(refusal('invalid-option', 'of version 99'))
})

test.each([1, 2, 3])(
  'tables of version %i are brought up to this one, and nothing in them is lost',
  async (version) => {
    const file = newFile()
    const former = sqliteStore({ file })
    const [one, two] = [blankKey('a'), blankKey('b', { name: 'b', expiresAtMs: 5, revocationReason: 'lost' })]
    await former.idempotency.claim(request)
    for (const record of [one, two]) await former.keys.insert(record)
    await former.close()
    const database = openDatabase(file)
    cleanUp.push(() => database.close())
    takeBack(database, version)
    for (const place of [{ file }, { database }]) {
      const store = sqliteStore(place)
      expect(await store.idempotency.claim({ ...request, token: 'another' })).toMatchObject({ outcome: 'running' })
      expect(await store.keys.list({ limit: 10 })).toEqual([one, two])
      expect(await store.keys.insert(blankKey('c', { createdAtMs: 5, lookup: 'lookup' }), 2)).toBe('ok')
      expect(await store.keys.update('a', { quota: { remaining: 1, refill: null, refillAtMs: null } })).toBe(true)
      expect(await store.keys.spend('a', 0)).toMatchObject({ outcome: 'ok' })
      await store.keys.update('a', { quota: null })
      await store.keys.remove('c')
      await store.tokens.insert(token, 600, false)
      expect(await store.tokens.consume('a')).toEqual(token)
      await store.close()
    }
  },
)

test('an upgrade that cannot be finished changes nothing, and comes about once it can', async () => {
  const database = new Libsql(':memory:')
  const record = blankKey('a')
  await sqliteStore({ database }).keys.insert(record)
  takeBack(database, 1)
  // It stands in the way of a later step, and those before go back with it.
  database.exec('CREATE TABLE latchkey_quotas (theirs)')
  const version = () => database.prepare(`SELECT value FROM latchkey_meta WHERE name = 'schema'`).get()
  expect(() => sqliteStore({ database })).toThrow(refusal('invalid-option', 'latchkey_quotas'))
  expect(version()).toMatchObject({ value: '1' })
  expect(database.prepare(`SELECT name FROM sqlite_schema WHERE name = 'latchkey_tokens'`).get()).toBeUndefined()
  database.exec('DROP TABLE latchkey_quotas')
  expect(await sqliteStore({ database }).keys.find('a')).toEqual(record)
  expect(version()).toMatchObject({ value: String(newestVersion) })
})

test('tables of that name that somebody else has made are refused and left alone', () => {
  const database = new Libsql(':memory:')
  database.exec('CREATE TABLE latchkey_keys (theirs)')
  expect(() => sqliteStore({ database })).toThrow(refusal('invalid-option', 'latchkey_keys'))
  const tables = database.prepare(`SELECT count(*) AS tables FROM sqlite_schema`).get()
  expect(tables).toMatchObject({ tables: 1 })
})

test('the application’s own tables and schema version are not touched', async () => {
  const database = new Libsql(':memory:')
  database.exec('CREATE TABLE meta (name); PRAGMA user_version = 7')
  const store = sqliteStore({ database })
  await store.close()
  expect(database.prepare('PRAGMA user_version').get()).toMatchObject({ user_version: 7 })
})
