import { ConfigurationError } from '@latchkey/core'
import { Deadline } from '../deadlines.js'
import {
  described,
  isMethod,
  type PgClient,
  type PgliteClient,
  type PostgresJsClient,
  type PostgresValue,
  type Row,
  type Statement,
  sendBy,
} from './client.js'

/**
 * Sends one statement, its parameters written `$1`, `$2`, …, through the transaction of whatever is built on top of a client, and
 * answers the rows themselves, as objects or as lists.
 */
export type TransactionQuery = (text: string, values: readonly PostgresValue[]) => PromiseLike<readonly object[]>

/**
 * What stands inside a transaction: a `Client` of `pg`, or one from `pool.connect()`, after its `BEGIN`; what `sql.begin` of
 * postgres.js and `transaction` of PGlite hand over; a function for all else.
 */
export type PostgresTransaction =
  | (PgClient & { readonly totalCount?: never })
  | PostgresJsClient
  | (PgliteClient & { readonly transaction?: never })
  | TransactionQuery

/** Sends one statement, in one round trip, within a transaction of the application's. */
export type WithinTransaction = (statement: Statement, values: readonly PostgresValue[]) => PromiseLike<readonly Row[]>

/**
 * Sends statements through a transaction. Refuses what gives each statement a connection of its own, or a transaction: there it
 * would hold although the application's transaction was rolled back.
 *
 * @throws ConfigurationError `unsupported-client`.
 */
export function transactionQuery(client: unknown, prepare: boolean): WithinTransaction {
  const fix = outsideBecause(client)
  if (fix !== undefined) throw refused(`it is ${fix}`)
  if (typeof client === 'function' && !isMethod(client, 'unsafe')) return queryBy(client as TransactionQuery)
  const send = sendBy(client, prepare)
  // It has no deadline of ours: the time is the application's.
  if (send !== undefined) return (statement, values) => send(statement, [...values], new Deadline())
  throw refused(
    `it is ${described(client)}; of a query builder or an ORM give a function that answers the rows: (text, values) => …`,
  )
}

function outsideBecause(client: unknown): string | undefined {
  if (isMethod(client, 'unsafe') && isMethod(client, 'begin') && !isMethod(client, 'release')) {
    return 'the sql that opens transactions: give the one that sql.begin hands over'
  }
  // A transaction of Knex is a function, too, and makes a query of what it is called with.
  if (isMethod(client, 'raw')) return 'a query builder: give a function (text, values) => … that answers the rows'
  if (typeof client !== 'object' || client === null) return undefined
  if ('totalCount' in client) return 'a Pool: give the client from pool.connect() that has sent BEGIN'
  if (isMethod(client, 'exec') && isMethod(client, 'transaction')) {
    return 'the database: give the transaction that its transaction() hands over'
  }
  return undefined
}

/** A statement that changes one row at most answers a list of one object at most; a result, or a pair with a count, is neither. */
function queryBy(query: TransactionQuery): WithinTransaction {
  return async ({ text }, values) => {
    const rows: unknown = await query(text, values)
    const areRows =
      Array.isArray(rows) && rows.length <= 1 && rows.every((row) => typeof row === 'object' && row !== null)
    if (!areRows)
      throw refused('its function answers something else than the rows, which are a list of objects or lists')
    return rows as readonly Row[]
  }
}

function refused(why: string): ConfigurationError {
  return new ConfigurationError(
    'unsupported-client',
    `postgresStore: "transaction" takes what stands inside a transaction, ${why}`,
  )
}
