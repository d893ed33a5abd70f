import type { PostgresClient } from './client.js'

interface Pool {
  readonly totalCount: number
  listenerCount(event: 'error'): number
  on(event: 'error', listener: () => void): unknown
}

/**
 * Listens to the errors of a `Pool` of `pg` where nobody does: it tells so of idle connections that were lost and that it has done
 * away with already, and unheard that would end the process. A `Client` that is lost does not come back, and its error is
 * left to the application.
 */
export function hearIdleErrors(client: PostgresClient): void {
  if (isPool(client) && client.listenerCount('error') === 0) client.on('error', () => undefined)
}

function isPool(client: object): client is Pool {
  return ['totalCount', 'on', 'listenerCount'].every((name) => name in client)
}
