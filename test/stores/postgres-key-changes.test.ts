import { EventEmitter } from 'node:events'
import { ConfigurationError } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CachedKeys, until } from './cached-keys.js'
import { afterwards, cachedOn } from './postgres-cached-keys.js'
import { openPglite } from './postgres-clients.js'
import { takeBack } from './postgres-older.js'
import { key, newSchema } from './postgres-records.js'

const columns: Readonly<Record<string, string>> = {
  id: `'another'`,
  prefix: `'acme2'`,
  environment: `'test'`,
  algorithm: `'md5'`,
  pepper_id: `'2030'`,
  digest: `'another'`,
  name: `'another'`,
  owner_id: `'mallory'`,
  scopes: `'[]'`,
  metadata: `'{"a":1}'`,
  created_at_ms: '2',
  expires_at_ms: '1',
  disabled_at_ms: '1',
  revoked_at_ms: '1',
  revocation_reason: `'leaked'`,
  lookup: `'another'`,
  allowed_ips: `'[]'`,
  rate_limit: `'{"limit":1,"windowSeconds":1}'`,
  idle_seconds: '600',
  rotated_to: `'another'`,
  rotated_from: `'another'`,
  grace_on_use_seconds: '0',
  meter_id: `'another'`,
}

describe('SQL by hand', () => {
  const { client, run, end } = openPglite()
  afterAll(end)
  const schema = newSchema()
  const own = `"${schema}".latchkey_keys`
  let cached: CachedKeys
  beforeAll(() => postgresStore({ client, schema }).migrate())
  beforeEach(async () => {
    cached = cachedOn(client, schema).cached
    await cached.untilHeard()
  })
  afterEach(() => run(`DELETE FROM ${own}`))

  test('is told whichever column of a record it changes, and those are all that there are but the last use', async () => {
    const { store } = cachedOn(client, schema)
    for (const [column, value] of Object.entries(columns)) {
      await store.keys.insert(key('a'))
      cached.told.length = 0
      await run(`UPDATE ${own} SET ${column} = ${value} WHERE id = 'a'`)
      await expect.poll(() => cached.told).toEqual(['a'])
      await run(`DELETE FROM ${own}`)
    }
    const listed = await run(`SELECT column_name FROM information_schema.columns WHERE table_schema = '${schema}'
      AND table_name = 'latchkey_keys'`)
    expect(listed.map(({ column_name }) => column_name).sort()).toEqual(
      [...Object.keys(columns), 'last_used_at_ms'].sort(),
    )
  })

  test('is told of all keys that share the quota that it changes, and not of what is spent', async () => {
    const { store } = cachedOn(client, schema)
    const quotas = `"${schema}".latchkey_quotas`
    for (const id of ['a', 'b']) await store.keys.insert(key(id, { meterId: 'a' }))
    for (const sql of [
      `INSERT INTO ${quotas} VALUES ('a', 5, 5, 60, 0)`,
      `UPDATE ${quotas} SET amount = 6`,
      `DELETE FROM ${quotas}`,
    ]) {
      cached.told.length = 0
      await run(sql)
      await expect.poll(() => cached.told.toSorted()).toEqual(['a', 'b'])
    }
    await run(`INSERT INTO ${quotas} VALUES ('a', 5, 5, 60, 0)`)
    await expect.poll(() => cached.told.length).toBe(4)
    cached.told.length = 0
    await run(`UPDATE ${quotas} SET remaining = 4, refill_at_ms = 1; TRUNCATE ${quotas}`)
    await expect.poll(() => cached.told).toEqual([undefined])
  })

  test.each([
    ['a row is deleted', `DELETE FROM ${own}`, 'unknown'],
    ['all rows are', `TRUNCATE ${own}`, 'unknown'],
    ['all keys are revoked', `UPDATE ${own} SET revoked_at_ms = 1`, 'revoked'],
  ])('is told: %s', async (_, sql, reason) => {
    const [one, two] = [await cached.issue(), await cached.issue()]
    await run(sql)
    for (const each of [one, two]) await cached.untilRefused(each, reason)
  })

  test('that is rolled back is told to nobody, and what is not changed yet is not told either', async () => {
    const one = await cached.issue()
    await run(`BEGIN; UPDATE ${own} SET revoked_at_ms = 1; ROLLBACK`)
    const two = await cached.issue()
    await run(`UPDATE ${own} SET revoked_at_ms = 1 WHERE id = '${two.info.id}'`)
    await cached.untilRefused(two, 'revoked')
    expect(cached.told).toEqual([two.info.id])
    expect(await cached.readsOf(one)).toBe(0)
  })

  test('in another schema is told there alone', async () => {
    const other = newSchema()
    const { store, cached: strangers } = cachedOn(client, other)
    await store.migrate()
    await strangers.untilHeard()
    await store.keys.insert(key('a'))
    await run(`UPDATE "${other}".latchkey_keys SET name = 'b'; TRUNCATE "${other}".latchkey_keys`)
    await expect.poll(() => strangers.told).toEqual(['a', undefined])
    const one = await cached.issue()
    await run(`UPDATE ${own} SET revoked_at_ms = 1`)
    await cached.untilRefused(one, 'revoked')
    expect(cached.told).toEqual([one.info.id])
    await run(`DROP SCHEMA "${other}" CASCADE`)
  })

  test.each([1, 2, 3])('brings tables of version %i up, and their keys are told of from then on', async (version) => {
    const old = newSchema()
    await postgresStore({ client, schema: old }).migrate()
    await takeBack(run, old, version)
    const { store, cached: late } = cachedOn(client, old)
    await expect(store.check()).rejects.toThrow(`are of version ${version}`)
    await store.migrate()
    await late.untilHeard()
    const one = await late.issue()
    await run(`UPDATE "${old}".latchkey_keys SET allowed_ips = '["192.0.2.1"]'`)
    await expect.poll(() => late.told).toEqual([one.info.id])
    await run(`UPDATE "${old}".latchkey_keys SET revoked_at_ms = 1`)
    await late.untilRefused(one, 'revoked')
    await run(`DROP SCHEMA "${old}" CASCADE`)
  })
})

test('a single Client, and what cannot listen, is refused as a listener, by what is needed', () => {
  const client = new Client()
  const watch = () => cachedOn(client, 'public')
  expect(watch).toThrow(ConfigurationError)
  expect(watch).toThrow('"listener"')
  const construct = () => postgresStore({ client, listener: 'postgres://localhost' as never })
  expect(construct).toThrow('"listener" must be')
})

test('a connection that listens and to which nothing comes, as through a proxy in transaction mode, is not relied on', async () => {
  const client = afterwards(openPglite())
  const attempts: Deaf[] = []
  class Deaf extends EventEmitter {
    constructor() {
      super()
      attempts.push(this)
    }
    connect = async () => undefined
    query = async () => ({ rows: [] })
    end = async () => undefined
  }
  const schema = newSchema()
  const pool = { connect: () => undefined, query: () => undefined, Client: Deaf, options: {} }
  await postgresStore({ client: client.client, schema }).migrate()
  const { cached } = cachedOn(client.client, schema, pool as never)
  await until(() => attempts.length > 1)
  expect(cached.errors).toEqual([expect.objectContaining({ message: expect.stringContaining('does not answer') })])
  expect(await cached.readsOf(await cached.issue())).toBe(2)
}, 30_000)
