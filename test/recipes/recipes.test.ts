import { once as event } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Store } from '@latchkey/core'
import { idempotency } from '@latchkey/express'
import { postgresStore } from '@latchkey/stores/postgres'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { drizzle } from 'drizzle-orm/node-postgres'
import express, { type RequestHandler } from 'express'
import { Kysely, PostgresDialect } from 'kysely'
import Database from 'libsql'
import { Pool } from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { fencedBlocks } from '../docs/blocks.js'
import { newSchema } from '../stores/postgres-records.js'
import { anyPostgres, noPostgres } from '../stores/postgres-server.js'
import { payWithDrizzle } from './settle-with-drizzle.js'
import { payWithKysely, type Tables } from './settle-with-kysely.js'
import { payWithPg } from './settle-with-pg.js'
import { payWithSqlite } from './settle-with-sqlite.js'

type Guard = ReturnType<typeof idempotency>

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

/** Serves a recipe, and posts a payment to it. */
async function serve(store: Store, recipe: (once: Guard) => RequestHandler) {
  const guard = idempotency({ store, scope: 'everyone' })
  const app = express()
  app.post('/payments', guard, express.json(), recipe(guard))
  app.use(((_error, _req, res, _next) => void res.status(500).end()) as express.ErrorRequestHandler)
  const server = createServer(app).listen(0, '127.0.0.1')
  await event(server, 'listening')
  cleanUp.push(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return async (key: string, amount: unknown) => {
    const headers = { 'idempotency-key': key, 'content-type': 'application/json' }
    const body = JSON.stringify({ amount })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/payments`
    const reply = await fetch(url, { method: 'POST', headers, body })
    return `${reply.status} ${await reply.text()}`
  }
}

/** Pays once however often it is asked, and not at all where the database declines. */
async function check(post: (key: string, amount: unknown) => Promise<string>, payments: () => Promise<unknown>) {
  expect(await post('k', 5)).toBe('201 {"id":1}')
  expect(await post('k', 5)).toBe('201 {"id":1}')
  expect(await payments()).toEqual([{ amount: 5 }])
  expect(await post('declined', null)).toBe('500 ')
  expect(await post('declined', null)).toBe('500 ')
  expect(await payments()).toEqual([{ amount: 5 }])
}

test('the recipe for SQLite pays once', async () => {
  const database = new Database(':memory:')
  database.exec('CREATE TABLE payments (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL)')
  const store = sqliteStore({ database })
  const post = await serve(store, (once) => payWithSqlite(database, store, once))
  await check(post, async () => database.prepare('SELECT amount FROM payments').all())
})

const reason = await noPostgres()
if (reason !== undefined) it.skip(`the recipes for Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('the recipes for Postgres', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  test.each<[string, (pool: Pool) => (store: ReturnType<typeof postgresStore>, once: Guard) => RequestHandler]>([
    ['pg', (pool) => (store, once) => payWithPg(pool, store, once)],
    [
      'Kysely',
      (pool) => (store, once) =>
        payWithKysely(new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), store, once),
    ],
    ['Drizzle', (pool) => (store, once) => payWithDrizzle(drizzle(pool), store, once)],
  ])('%s pays once', async (_, recipe) => {
    const schema = newSchema()
    const pool = new Pool({ connectionString: server.url, options: `-c search_path=${schema}` })
    cleanUp.push(() => pool.end())
    const store = postgresStore({ client: pool, schema })
    await store.migrate()
    await pool.query('CREATE TABLE payments (id serial PRIMARY KEY, amount integer NOT NULL)')
    cleanUp.push(() => pool.query(`DROP SCHEMA "${schema}" CASCADE`))
    const post = await serve(store, (once) => recipe(pool)(store, once))
    await check(post, async () => (await pool.query('SELECT amount FROM payments')).rows)
  })
})

test('the recipes in the documents are these', () => {
  const recipes = repository('.ts').filter(({ path }) => path.startsWith('test/recipes/settle-with-'))
  const page = repository('.md').find(({ path }) => path === 'docs/idempotency.md')!
  const shown = fencedBlocks(page).map(({ code }) => `${code}\n`)
  expect(recipes).toHaveLength(4)
  for (const { text } of recipes) expect(shown).toContain(text)
})
