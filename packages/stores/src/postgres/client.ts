import { ConfigurationError } from '@latchkey/core'
import type { Deadline } from '../deadlines.js'
import { isPool, queryPool } from './pool.js'

/** What a parameter may be. */
export type PostgresValue = string | number | boolean | null | Uint8Array

/** A row by the order of its columns: names are what clients are set to rewrite. */
export type Row = readonly unknown[]

/** A statement for `pg`. */
export interface PgQuery {
  name?: string
  text: string
  values: PostgresValue[]
  rowMode: 'array'
}

/** A `Pool` or `Client` of `pg`, as far as the store uses it. */
export interface PgClient {
  connect(): unknown
  query(query: PgQuery): PromiseLike<{ readonly rows: readonly Row[] }>
}

/** The `sql` of `postgres` (postgres.js), as far as the store uses it. */
export interface PostgresJsClient {
  unsafe(
    text: string,
    values: PostgresValue[],
    options: { prepare: boolean },
  ): { values(): PromiseLike<readonly Row[]> }
}

/** A database of `@electric-sql/pglite`, as far as the store uses it. */
export interface PgliteClient {
  exec(text: string): unknown
  query(
    text: string,
    values: PostgresValue[],
    options: { rowMode: 'array' },
  ): PromiseLike<{ readonly rows: readonly unknown[] }>
}

export type PostgresClient = PgClient | PostgresJsClient | PgliteClient

/** One statement. One with a name is prepared once a connection, and from then on sent as that name and its values. */
export interface Statement {
  readonly name?: string
  readonly text: string
}

/** Sends one statement, in one round trip, unless it has been given up. */
export type Query = (
  statement: Statement,
  values: readonly PostgresValue[],
  deadline: Deadline,
) => Promise<readonly Row[]>

/** A statement in a client's own shape. `values` are read when it is sent. */
export type Send = (statement: Statement, values: PostgresValue[], deadline: Deadline) => PromiseLike<readonly Row[]>

/** @throws ConfigurationError where it is none of the three clients; says what it is. */
export function clientQuery(client: unknown, prepare: boolean, option = 'client'): Query {
  const send = sendBy(client, prepare)
  if (send === undefined) {
    throw new ConfigurationError(
      'unsupported-client',
      `postgresStore: "${option}" must be a Pool or Client of pg, the sql of postgres (postgres.js) or a PGlite, ` +
        `it is ${described(client)}`,
    )
  }
  return async (statement, values, deadline) => {
    deadline.throwIfOver()
    const sent = [...values]
    // Clients keep statements in queues that nothing is taken out of. No statement of the store does anything to null.
    deadline.onOver(() => sent.fill(null))
    return send(statement, sent, deadline)
  }
}

/** Sends statements in the client's own shape; `undefined` where it is none of the three. */
export function sendBy(client: unknown, prepare: boolean): Send | undefined {
  if (isPostgresJs(client)) {
    return ({ name, text }, values) => client.unsafe(text, values, { prepare: prepare && name !== undefined }).values()
  }
  if (isPglite(client)) {
    return async ({ text }, values) => (await client.query(text, values, { rowMode: 'array' })).rows as Row[]
  }
  if (isPg(client)) {
    return async (statement, values, deadline) => {
      const name = prepare ? statement.name : undefined
      const query: PgQuery = { text: statement.text, values, rowMode: 'array' }
      if (name !== undefined) query.name = name
      return isPool(client) ? queryPool(client, query, deadline) : (await client.query(query)).rows
    }
  }
  return undefined
}

export function isPostgresJs(client: unknown): client is PostgresJsClient {
  return typeof client === 'function' && isMethod(client, 'unsafe')
}

/** `prepare` is what synchronous SQLite connections have besides. */
export function isPglite(client: unknown): client is PgliteClient {
  return isMethod(client, 'query') && isMethod(client, 'exec') && !isMethod(client, 'prepare')
}

/** Methods of clients for other databases, and of what is built on top of a client, that have `query` and `connect`, too. */
const foreign = ['execute', 'promise', 'request', 'initialize', 'prepare']

function isPg(client: unknown): client is PgClient {
  return isMethod(client, 'query') && isMethod(client, 'connect') && !foreign.some((name) => isMethod(client, name))
}

/** What a client is that does not fit. */
export function described(client: unknown): string {
  if (typeof client === 'string') return 'a string: make a pool of it'
  if (client === null || (typeof client !== 'object' && typeof client !== 'function')) return String(client)
  const what = typeof client === 'function' ? 'a function' : `an object of class ${classOf(client)}`
  const strange = foreign.find((name) => isMethod(client, name))
  if (isMethod(client, 'query') && strange !== undefined) return `${what}, which has ${strange}() as none of them has`
  if (isMethod(client, 'query')) return `${what}, which has query() but neither connect() nor exec()`
  return typeof client === 'function' ? `${what} without unsafe()` : `${what}, which has no query()`
}

function classOf(client: object): string {
  return client.constructor?.name ?? '(none)'
}

export function isMethod(object: unknown, name: string): boolean {
  return typeof (object as Record<string, unknown> | null | undefined)?.[name] === 'function'
}
