import { PGlite } from '@electric-sql/pglite'
import type { PostgresClient, PostgresTransaction } from '@latchkey/stores/postgres'
import { Pool } from 'pg'
import postgres from 'postgres'

type Run = (sql: string) => Promise<ReadonlyArray<Record<string, unknown>>>

/** A client that is connected, and the way to end it. */
export interface OpenClient {
  readonly client: PostgresClient
  /** Any SQL, for the test's own purposes; its rows by the names of their columns. */
  run: Run
  /** Works within a transaction, as one does with this client; it is rolled back where the work throws. */
  transact<T>(work: (opened: PostgresTransaction, run: Run) => Promise<T>): Promise<T>
  end(): Promise<void>
}

export function openPg(url: string, settings: ConstructorParameters<typeof Pool>[0] = {}) {
  const client = new Pool({ connectionString: url, max: 8, ...settings })
  const run: Run = async (sql) => (await client.query(sql)).rows
  const transact: OpenClient['transact'] = async (work) => {
    const opened = await client.connect()
    try {
      await opened.query('BEGIN')
      const answer = await work(opened, async (sql) => (await opened.query(sql)).rows)
      await opened.query('COMMIT')
      return answer
    } catch (error) {
      await opened.query('ROLLBACK').catch(() => undefined)
      throw error
    } finally {
      opened.release()
    }
  }
  return { client, run, transact, end: () => client.end() }
}

export function openPostgresJs(url: string) {
  const client = postgres(url, { max: 8, onnotice: () => undefined })
  const run: Run = async (sql) => [...(await client.unsafe(sql))]
  const transact = async <T>(work: (opened: PostgresTransaction, run: Run) => Promise<T>): Promise<T> =>
    (await client.begin((sql) => work(sql, async (text) => [...(await sql.unsafe(text))]))) as T
  return { client, run, transact, end: () => client.end({ timeout: 1 }) }
}

export function openPglite() {
  const client = new PGlite()
  const run: Run = async (sql) => (await client.exec(sql)).at(-1)!.rows as Record<string, unknown>[]
  const transact: OpenClient['transact'] = (work) =>
    client.transaction((opened) => work(opened, async (sql) => (await opened.exec(sql)).at(-1)!.rows as never))
  return { client, run, transact, end: () => client.close() }
}
