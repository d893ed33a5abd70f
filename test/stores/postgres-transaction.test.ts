import { ConfigurationError } from '@latchkey/core'
import { type PostgresStore, postgresStore, type TransactionQuery } from '@latchkey/stores/postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { type OpenClient, openPg, openPglite, openPostgresJs } from './postgres-clients.js'
import { newSchema, request } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const bytes = (text: string) => Buffer.from(text)
/** Bytes of whatever class the client makes. */
const holding = (text: string) => ({
  asymmetricMatch: (value: unknown) => value instanceof Uint8Array && Buffer.from(value).equals(bytes(text)),
})
const rollback = new Error('rolled back by the application')

/** A store, and a table of the application's in the same schema. */
function rig(openClient: () => OpenClient) {
  const schema = newSchema()
  const made = {} as {
    opened: OpenClient
    store: PostgresStore
    payments(): Promise<number>
    insert: string
    schema: string
  }
  beforeAll(async () => {
    const opened = openClient()
    const store = postgresStore({ client: opened.client, schema })
    await store.migrate()
    await opened.run(`CREATE TABLE "${schema}".payments (id serial PRIMARY KEY)`)
    const payments = async () => Number((await opened.run(`SELECT count(*) FROM "${schema}".payments`))[0]!.count)
    Object.assign(made, { opened, store, payments, schema, insert: `INSERT INTO "${schema}".payments DEFAULT VALUES` })
  })
  beforeEach(() => made.store.idempotency.claim(request('a')))
  afterEach(() => made.opened.run(`TRUNCATE "${schema}".latchkey_idempotency, "${schema}".payments`))
  afterAll(async () => {
    await made.opened.run(`DROP SCHEMA "${schema}" CASCADE`)
    await made.opened.end()
  })
  return made
}

function declare(openClient: () => OpenClient): void {
  const made = rig(openClient)

  test('that commits settles the record along with the application’s own rows', async () => {
    const { opened, store, insert } = made
    await opened.transact(async (open, run) => {
      await run(insert)
      expect(await store.transaction(open).settle('a', 'token a', bytes('reply'), 600)).toBe('ok')
    })
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'settled', attempt: 1 })
    const again = await store.idempotency.claim(request('a', { token: 'another' }))
    expect(again).toEqual({ outcome: 'settled', reply: holding('reply') })
    expect(await made.payments()).toBe(1)
  })

  test('that commits leaves a tombstone', async () => {
    const { opened, store } = made
    await opened.transact((open) => store.transaction(open).tombstone('a', 'token a', bytes('note'), 600))
    const again = await store.idempotency.claim(request('a', { token: 'another' }))
    expect(again).toEqual({ outcome: 'tombstone', note: holding('note') })
  })

  test('that is rolled back leaves the record running, and no row', async () => {
    const { opened, store, insert } = made
    const work = opened.transact(async (open, run) => {
      await run(insert)
      expect(await store.transaction(open).settle('a', 'token a', bytes('reply'), 600)).toBe('ok')
      throw rollback
    })
    await expect(work).rejects.toBe(rollback)
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'running', attempt: 1 })
    expect(await store.idempotency.settle('a', 'token a', bytes('later'), 600)).toBe('ok')
    expect(await made.payments()).toBe(0)
  })

  test('of an attempt that was overtaken is stale, and nothing is written', async () => {
    const { opened, store } = made
    await opened.transact(async (open) => {
      expect(await store.transaction(open).settle('a', 'another token', bytes('reply'), 600)).toBe('stale')
      expect(await store.transaction(open).settle('b', 'token a', bytes('reply'), 600)).toBe('stale')
    })
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'running' })
  })

  test('settles a record once: a second time is stale, in the same one or in another', async () => {
    const { opened, store } = made
    const settle = (text: string) => (open: Parameters<PostgresStore['transaction']>[0]) =>
      store.transaction(open).settle('a', 'token a', bytes(text), 600)
    await opened.transact(async (open) => {
      expect(await settle('first')(open)).toBe('ok')
      expect(await settle('second')(open)).toBe('stale')
    })
    expect(await opened.transact(settle('third'))).toBe('stale')
    expect(Buffer.from((await store.idempotency.find('a'))!.content!).toString()).toBe('first')
  })

  test('is written to by a function that answers the rows', async () => {
    const { opened, store } = made
    await opened.transact(async (_, run) => {
      const literal = (value: unknown) => {
        if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`
        return value === null ? 'NULL' : `'${value}'`
      }
      const query: TransactionQuery = (text, values) =>
        run(text.replaceAll(/\$(\d)/g, (_all, index) => literal(values[Number(index) - 1])))
      expect(await store.transaction(query).settle('a', 'token', bytes('reply'), 600)).toBe('stale')
      expect(await store.transaction(query).settle('a', 'token a', bytes('reply'), 600)).toBe('ok')
    })
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'settled' })
  })

  test('is refused where it is none: what would write outside of it', () => {
    const { opened, store } = made
    expect(() => store.transaction(opened.client as never)).toThrow(
      expect.objectContaining({
        constructor: ConfigurationError,
        code: 'unsupported-client',
        message: expect.stringMatching(/pool\.connect\(\)|sql\.begin|transaction\(\) hands over/),
      }),
    )
  })
}

describe('a transaction of the application’s on PGlite', () => declare(openPglite))

const method = () => undefined

test.each([
  ['a transaction of Knex', Object.assign(() => undefined, { raw: method }), 'a query builder'],
  ['a transaction of Drizzle', { execute: method, query: {}, transaction: method }, 'give a function'],
  ['an entity manager of TypeORM', { query: method, transaction: method }, 'give a function'],
  ['nothing', undefined, 'it is undefined'],
])('%s is refused, and the message says what to give', (_, client, text) => {
  const store = postgresStore({ client: { connect: method, query: async () => ({ rows: [] }) } })
  expect(() => store.transaction(client as never)).toThrow(
    expect.objectContaining({ code: 'unsupported-client', message: expect.stringContaining(text) }),
  )
})

test.each([
  ['a result of pg', { rows: [{}] }],
  ['a pair of rows and their number', [[], 0]],
  ['a number', 1],
  ['values', [1]],
])('a function that answers %s is refused: it would look as if the record had been written', async (_, answer) => {
  const store = postgresStore({ client: { connect: method, query: async () => ({ rows: [] }) } })
  const { settle } = store.transaction((async () => answer) as never)
  await expect(settle('a', 'token a', bytes('reply'), 600)).rejects.toMatchObject({ code: 'unsupported-client' })
})

const reason = await noPostgres()
if (reason !== undefined) it.skip(`transactions of the application’s on a server of Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('a transaction of the application’s', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  describe('by pg', () => declare(() => openPg(server.url)))
  describe('by postgres.js', () => declare(() => openPostgresJs(server.url)))

  describe('that is open', () => {
    const made = rig(() => openPg(server.url))

    /** When a statement waits for the lock of the record. */
    async function isWaitedFor(): Promise<void> {
      const waiting = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${made.schema}%'`
      while ((await made.opened.run(waiting)).length === 0);
    }

    test('makes others neither wait nor run while its lease holds', async () => {
      const { opened, store } = made
      await opened.transact(async (open) => {
        await store.transaction(open).settle('a', 'token a', bytes('reply'), 600)
        expect(await store.idempotency.claim(request('a', { token: 'b' }))).toMatchObject({ outcome: 'running' })
        expect(await store.idempotency.find('a')).toMatchObject({ state: 'running' })
      })
      expect(await store.idempotency.claim(request('a', { token: 'b' }))).toMatchObject({ outcome: 'settled' })
    })

    test.each([
      ['is committed', undefined, { outcome: 'settled', reply: holding('reply') }],
      ['is rolled back', rollback, { outcome: 'claimed', attempt: 2 }],
    ])('holds a take-over of its lapsed lease up until it %s', async (_, error, expected) => {
      const { opened, store } = made
      await store.idempotency.renew('a', 'token a', 0, 600)
      let claim: ReturnType<typeof store.idempotency.claim> | undefined
      const work = opened.transact(async (open) => {
        expect(await store.transaction(open).settle('a', 'token a', bytes('reply'), 600)).toBe('ok')
        claim = store.idempotency.claim(request('a', { token: 'b' }))
        await isWaitedFor()
        if (error !== undefined) throw error
      })
      await (error === undefined ? work : expect(work).rejects.toBe(error))
      expect(await claim).toEqual(expected)
    })

    test.each([
      ['is committed', undefined, 'stale'],
      ['is rolled back', rollback, 'ok'],
    ])('holds a release by its own attempt up until it %s', async (_, error, expected) => {
      const { opened, store } = made
      let release: ReturnType<typeof store.idempotency.release> | undefined
      const work = opened.transact(async (open) => {
        await store.transaction(open).settle('a', 'token a', bytes('reply'), 600)
        release = store.idempotency.release('a', 'token a')
        await isWaitedFor()
        if (error !== undefined) throw error
      })
      await (error === undefined ? work : expect(work).rejects.toBe(error))
      expect(await release).toBe(expected)
    })

    test('tells of a conflict by the client’s own error, for whoever repeats transactions', async () => {
      const { opened, store } = made
      const work = opened.transact(async (open, run) => {
        await run('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ')
        await run(made.insert)
        await store.idempotency.renew('a', 'token a', 30, 600)
        return store.transaction(open).settle('a', 'token a', bytes('reply'), 600)
      })
      await expect(work).rejects.toMatchObject({ code: '40001' })
      expect(await made.payments()).toBe(0)
    })
  })
})
