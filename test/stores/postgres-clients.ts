import { Socket } from 'node:net'
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

export function openPostgresJs(url: string, settings: object = {}) {
  const client = postgres(url, { max: 8, onnotice: () => undefined, ...settings })
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

class ImpatientSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'timeout') this.destroy()
    return super.emit(event, ...args)
  }
}

/** Clients as docs/stores.md sets them for networks that fail. */
export const tunedClients: readonly (readonly [string, (url: string, max: number) => OpenClient])[] = [
  ['pg', (url, max) => openPg(url, { max, connectionTimeoutMillis: 900, statement_timeout: 1900 })],
  [
    'postgres.js',
    (url, max) =>
      openPostgresJs(url, {
        ...{ max, connect_timeout: 0.9, backoff: () => 0.1, max_pipeline: 0, connection: { statement_timeout: 1900 } },
        socket: ({ host, port }: { host: string[]; port: number[] }) =>
          new ImpatientSocket().setTimeout(1500).connect(port[0]!, host[0]!),
      }),
  ],
]
