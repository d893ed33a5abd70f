import type { Deadline } from '../deadlines.js'
import type { PgClient, PgQuery, Row } from './client.js'
import { isConflict } from './fault.js'

/** A `Pool` of `pg`, as far as the store uses it. */
export interface PgPool extends PgClient {
  readonly totalCount: number
  listenerCount(event: 'error'): number
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<PgPoolClient>
}

interface PgPoolClient extends Pick<PgClient, 'query'> {
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
  /** With an error: away with the connection. */
  release(error?: Error): void
}

export function isPool(client: object): client is PgPool {
  return ['totalCount', 'on', 'listenerCount'].every((name) => name in client)
}

/**
 * Listens to the errors of a `Pool` of `pg` where nobody does: it tells so of idle connections that were lost and that it has done
 * away with already, and unheard that would end the process. A `Client` that is lost does not come back, and its error is
 * left to the application.
 */
export function hearIdleErrors(client: object): void {
  if (isPool(client) && client.listenerCount('error') === 0) client.on('error', () => undefined)
}

/**
 * Sends a statement on a connection of the pool. What was given up while it waited for one is not sent; a connection that has not
 * answered when the statement is given up is closed, since it may never answer and would keep its place in the pool.
 */
export async function queryPool(pool: PgPool, query: PgQuery, deadline: Deadline): Promise<readonly Row[]> {
  const client = await pool.connect()
  if (deadline.reason !== undefined) {
    client.release()
    throw deadline.reason
  }
  let isReleased = false
  const release = (error?: Error) => {
    if (isReleased) return
    isReleased = true
    client.off('error', ignore)
    client.release(error)
  }
  // The statement fails with the connection, and its error says so; the event unheard would end the process.
  client.on('error', ignore)
  deadline.onOver(() => release(deadline.reason))
  try {
    const { rows } = await client.query(query)
    release()
    return rows
  } catch (error) {
    release(isConflict(error) ? undefined : (error as Error))
    throw error
  }
}

function ignore(): void {}
