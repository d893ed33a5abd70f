import { ConfigurationError } from '@latchkey/core'
import { type PostgresStoreOptions, postgresStore, schemaSql } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { openPg, openPglite } from './postgres-clients.js'
import { fault, key, newSchema, request, token } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

function refusal(text: string) {
  return expect.objectContaining({
    constructor: ConfigurationError,
    code: 'invalid-option',
    message: expect.stringContaining(text),
  })
}

describe('tables', () => {
  const { client, run, end } = openPglite()
  beforeAll(() => client.waitReady)
  afterAll(end)
  let schema: string
  beforeEach(() => {
    schema = newSchema()
  })
  const open = () => postgresStore({ client, schema })
  const setVersion = (version: string) => run(`UPDATE "${schema}".latchkey_meta SET value = '${version}'`)
  const tables = () => run(`SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' ORDER BY tablename`)

  test('that are missing are told of by a store that makes none, and by each operation, until they are there', async () => {
    const store = open()
    await expect(store.check()).rejects.toEqual(refusal('are not there'))
    await expect(store.check()).rejects.toEqual(refusal('call migrate()'))
    for (const work of [() => store.idempotency.claim(request('a')), () => store.keys.find('a')]) {
      await expect(async () => work()).rejects.toEqual(fault('unavailable', 'call migrate()'))
    }
    expect(await tables()).toEqual([])
    await open().migrate()
    expect(await store.idempotency.claim(request('a'))).toMatchObject({ outcome: 'claimed' })
  })

  test('that go while the store is in use make it unavailable, and it says how to get them back', async () => {
    const store = open()
    await store.migrate()
    await run(`DROP SCHEMA "${schema}" CASCADE`)
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable', 'call migrate()'))
    await open().migrate()
    expect(await store.idempotency.claim(request('a'))).toMatchObject({ outcome: 'claimed' })
  })

  test('of an older version are refused, and it says how to bring them up', async () => {
    await open().migrate()
    await setVersion('0')
    await expect(open().check()).rejects.toEqual(refusal('are of version 0'))
    await expect(open().check()).rejects.toEqual(refusal('call migrate()'))
    await expect(open().keys.insert(key('a'))).rejects.toEqual(fault('unavailable', 'call migrate()'))
  })

  test('of an older version are brought up by migrate(), and nothing in them is lost', async () => {
    await open().migrate()
    await open().keys.insert(key('a'))
    await run(`DROP TABLE "${schema}".latchkey_tokens; DROP FUNCTION "${schema}".latchkey_keys_changed CASCADE`)
    await setVersion('1')
    await expect(open().check()).rejects.toEqual(refusal('are of version 1'))
    await open().migrate()
    expect(await open().keys.find('a')).toEqual(key('a'))
    await open().tokens.insert(token('b'), 600, true)
    expect(await open().tokens.consume('b')).toEqual(token('b'))
  })

  test('of a later version are refused, by migrate(), too, and left alone', async () => {
    await open().migrate()
    await setVersion('99')
    await expect(open().check()).rejects.toEqual(refusal('are of version 99'))
    await expect(open().check()).rejects.toEqual(refusal('update @latchkey/stores'))
    await expect(open().keys.insert(key('a'))).rejects.toEqual(fault('unavailable', 'update @latchkey/stores'))
    await expect(open().migrate()).rejects.toEqual(refusal('are of version 99'))
    await run(schemaSql({ schema }))
    expect(await run(`SELECT value FROM "${schema}".latchkey_meta`)).toEqual([{ value: '99' }])
  })

  test('can be made by the SQL that is printed, once or again, and nothing is lost then', async () => {
    await run(schemaSql({ schema }))
    await open().keys.insert(key('a'))
    await run(schemaSql({ schema }))
    await open().migrate()
    await open().check()
    expect(await open().keys.find('a')).toEqual(key('a'))
  })

  test('of that name that somebody else has made are refused and left alone', async () => {
    await run(`CREATE SCHEMA "${schema}"; CREATE TABLE "${schema}".latchkey_keys (theirs integer)`)
    await expect(open().migrate()).rejects.toEqual(refusal('"latchkey_keys" already exists'))
    expect(await tables()).toEqual([{ tablename: 'latchkey_keys' }])
  })

  test('that this user may not make, or not use, are told of as that', async () => {
    await run(`CREATE ROLE "${schema}"; SET ROLE "${schema}"`)
    await expect(open().migrate()).rejects.toEqual(refusal('permission denied'))
    await run('RESET ROLE')
    await open().migrate()
    await run(`SET ROLE "${schema}"`)
    await expect(open().check()).rejects.toEqual(fault('unavailable', 'does not let this user'))
    await run('RESET ROLE')
  })

  test('in two schemas know nothing of each other', async () => {
    const [one, other] = [open(), postgresStore({ client, schema: newSchema() })]
    for (const store of [one, other]) {
      await store.migrate()
      expect(await store.idempotency.claim(request('a'))).toMatchObject({ outcome: 'claimed' })
    }
  })
})

test.each([
  [{ schema: '' }, '"schema"'],
  [{ schema: 'a"; DROP TABLE keys; --' }, '"schema"'],
  [{ schema: "a'b" }, '"schema"'],
  [{ schema: 'x'.repeat(64) }, '"schema"'],
  [{ schema: 1 }, '"schema"'],
  [{ prepare: 'no' }, '"prepare"'],
  [{ maxPendingOperations: 0 }, '"maxPendingOperations"'],
  [{ operationTimeoutSeconds: 0 }, '"operationTimeoutSeconds"'],
  [{ operationTimeoutSeconds: Number.NaN }, '"operationTimeoutSeconds"'],
  [{ operationTimeoutSeconds: 61 }, '"operationTimeoutSeconds"'],
  [{ now: 1 }, '"now"'],
  [{ pool: {} }, 'there is no option "pool"'],
])('the options %o are refused', (options, text) => {
  const client = { connect: () => undefined, query: async () => ({ rows: [] }) }
  expect(() => postgresStore({ client, ...options } as PostgresStoreOptions)).toThrow(refusal(text))
})

const method = () => undefined
class Knex {}
class Connection {
  query() {}
  connect() {}
  execute() {}
}

test.each([
  ['nothing', undefined, 'it is undefined'],
  ['a connection string', 'postgres://localhost/app', 'a string: make a pool of it'],
  ['a function without unsafe()', method, 'a function without unsafe()'],
  ['a query builder', new Knex(), 'class Knex, which has no query()'],
  ['a connection of mysql2', new Connection(), 'class Connection, which has execute()'],
  ['a pool of mssql', { query: method, connect: method, request: method }, 'which has request()'],
  ['a connection of bun:sqlite', { query: method, exec: method, prepare: method }, 'which has prepare()'],
  ['a bare query()', { query: method }, 'neither connect() nor exec()'],
  ['an object of no prototype', Object.create(null), 'class (none)'],
])('%s is refused by what it is', (_, client, text) => {
  expect(() => postgresStore({ client: client as never })).toThrow(
    expect.objectContaining({ code: 'unsupported-client', message: expect.stringContaining(text) }),
  )
})

const reason = await noPostgres()
if (reason !== undefined) it.skip(`tables that several processes make at once in Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('several that make the tables at once', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  it.each(['read committed', 'serializable'])('make them once, where transactions are %s', async (isolation) => {
    const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
    const pools = Array.from({ length: 4 }, () => openPg(server.url, { max: 2, options }))
    const schema = newSchema()
    const stores = pools.flatMap(({ client }) => [0, 1].map(() => postgresStore({ client, schema })))
    await Promise.all(stores.map((store) => store.migrate()))
    const [{ run }] = pools as [(typeof pools)[0]]
    expect(await run(`SELECT * FROM "${schema}".latchkey_meta`)).toEqual([{ name: 'schema', value: '3' }])
    for (const store of stores) await store.check()
    await run(`DROP SCHEMA "${schema}" CASCADE`)
    for (const { end } of pools) await end()
  })
})
