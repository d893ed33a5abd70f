import type { PgClient, PgliteClient, PostgresClient, PostgresJsClient } from '@latchkey/stores/postgres'

/** A client that counts what is sent through it. */
export interface CountedClient {
  readonly client: PostgresClient
  /** How many statements the work sends. */
  sentBy(work: () => unknown): Promise<number>
}

export function countedClient(client: PostgresClient): CountedClient {
  let sent = 0
  const count = <Work>(work: Work): Work => {
    sent++
    return work
  }
  return {
    client: wrapped(client, count),
    sentBy: async (work) => {
      const before = sent
      await work()
      return sent - before
    },
  }
}

function wrapped(client: PostgresClient, count: <Work>(work: Work) => Work): PostgresClient {
  if (typeof client === 'function') {
    const { unsafe } = client as PostgresJsClient
    return Object.assign(() => undefined, {
      unsafe: (...args: Parameters<typeof unsafe>) => count(unsafe)(...args),
    })
  }
  if ('exec' in client) {
    const pglite: PgliteClient = { exec: (text) => client.exec(text), query: (...args) => count(client).query(...args) }
    return pglite
  }
  const pool = client as PgClient
  const pg: PgClient = { connect: () => pool.connect(), query: (query) => count(pool).query(query) }
  return pg
}
