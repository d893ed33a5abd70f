import { postgresStore } from '@latchkey/stores/postgres'
import { noPostgresPrograms, startPostgres } from '@latchkey/tests/dist/stores/postgres-server.js'
import { Pool, type PoolClient } from 'pg'
import { type Database, latchkeySubject, type StoreSubject, storedText } from './store-subject.js'

const schema = 'latchkey_bench'
const connections = 16

/** A Postgres of its own, or the one that DATABASE_URL names; a text says why there is none. */
export async function postgresDatabase(): Promise<Database | string> {
  const named = process.env.DATABASE_URL
  const reason = named === undefined ? noPostgresPrograms() : undefined
  if (reason !== undefined) return `${reason}, and no DATABASE_URL`
  const server = named === undefined ? await startPostgres() : undefined
  const pool = new Pool({
    connectionString: named ?? server!.url,
    max: connections,
    options: '-c synchronous_commit=off',
  })
  let trips = 0
  pool.on('connect', (client) => {
    const { query } = client
    client.query = ((...args: Parameters<PoolClient['query']>) => {
      trips++
      return query.apply(client, args)
    }) as typeof query
  })
  await pool.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`)
  await pool.query(`CREATE SCHEMA ${schema}`)
  const store = postgresStore({ client: pool, schema })
  await store.migrate()
  return {
    name: 'Postgres, synchronous_commit off',
    subjects: [await bare(pool), latchkeySubject('Latchkey postgresStore()', store.idempotency)],
    trips: async () => trips,
    close: async () => {
      await pool.query(`DROP SCHEMA ${schema} CASCADE`)
      await pool.end()
      server?.remove()
    },
  }
}

/** Two named statements; a repetition is one, too. */
async function bare(pool: Pool): Promise<StoreSubject> {
  const table = `${schema}.bare`
  await pool.query(`CREATE TABLE ${table} (id text PRIMARY KEY, token text, content bytea, expires_at_ms bigint)`)
  const take = (key: string) =>
    pool.query({
      name: 'bare_take',
      text: `WITH taken AS (INSERT INTO ${table} (id, token, expires_at_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING 1)
SELECT NULL::bytea AS content FROM taken UNION ALL SELECT content FROM ${table} WHERE id = $1`,
      values: [key, key, Date.now() + 86_400_000],
    })
  return {
    name: 'pg, two named statements',
    kind: 'floor',
    remark: 'no fingerprint, no lease, no expiry; the time of this process',
    first: async (key) => {
      if ((await take(key)).rows[0].content !== null) throw new Error('a new key was there')
      const text = `UPDATE ${table} SET content = $3 WHERE id = $1 AND token = $2`
      const { rowCount } = await pool.query({ name: 'bare_put', text, values: [key, key, Buffer.from(storedText)] })
      if (rowCount !== 1) throw new Error('not stored')
    },
    replay: async (key) => {
      if ((await take(key)).rows[0].content === null) throw new Error('no reply')
    },
  }
}
