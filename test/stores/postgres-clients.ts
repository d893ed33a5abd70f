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

export function openPostgresJs(url: string) {
  const client = postgres(url, { max: 8, onnotice: () => undefined })
  return { client, run: async (sql: string) => [...(await client.unsafe(sql))], end: () => client.end({ timeout: 1 }) }
}

export function openPglite() {
  const client = new PGlite()
  const run = async (sql: string) => (await client.exec(sql)).at(-1)!.rows as Record<string, unknown>[]
  return { client, run, end: () => client.close() }
}
