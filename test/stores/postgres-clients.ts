import { Socket } from 'node:net'
import { PGlite } from '@electric-sql/pglite'
import type { PostgresClient } from '@latchkey/stores/postgres'
import { Pool } from 'pg'
import postgres from 'postgres'

/** A client that is connected, and the way to end it. */
export interface OpenClient {
  readonly client: PostgresClient
  /** Any SQL, for the test's own purposes; its rows by the names of their columns. */
  run(sql: string): Promise<ReadonlyArray<Record<string, unknown>>>
  end(): Promise<void>
}

export function openPg(url: string, settings: ConstructorParameters<typeof Pool>[0] = {}) {
  const client = new Pool({ connectionString: url, max: 8, ...settings })
  return { client, run: async (sql: string) => (await client.query(sql)).rows, end: () => client.end() }
}

export function openPostgresJs(url: string, settings: object = {}) {
  const client = postgres(url, { max: 8, onnotice: () => undefined, ...settings })
  return { client, run: async (sql: string) => [...(await client.unsafe(sql))], end: () => client.end({ timeout: 1 }) }
}

export function openPglite() {
  const client = new PGlite()
  const run = async (sql: string) => (await client.exec(sql)).at(-1)!.rows as Record<string, unknown>[]
  return { client, run, end: () => client.close() }
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
