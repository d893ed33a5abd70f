import type { PgClient, PgliteClient, PostgresClient, PostgresJsClient } from '@latchkey/stores/postgres'
import type { Pool, QueryConfig } from 'pg'

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

/** What listens for changes is passed on uncounted: no request waits for it. */
function wrapped(client: PostgresClient, count: <Work>(work: Work) => Work): PostgresClient {
  if (typeof client === 'function') {
    const sql = client as PostgresJsClient & Record<'listen' | 'notify', unknown>
    return Object.assign(() => undefined, {
      unsafe: (...args: Parameters<typeof sql.unsafe>) => count(sql.unsafe)(...args),
      listen: sql.listen,
      notify: sql.notify,
    })
  }
  if ('exec' in client) {
    const database = client as PgliteClient & { listen(...args: unknown[]): unknown }
    const pglite: PgliteClient & { listen: unknown } = {
      exec: (text) => database.exec(text),
      query: (...args) => count(database).query(...args),
      listen: (...args: unknown[]) => database.listen(...args),
    }
    return pglite
  }
  const pool = client as Pool
  return instead(pool, {
    connect: async () => {
      const connection = await pool.connect()
      return instead(connection, { query: (query: QueryConfig) => count(connection).query(query) })
    },
    query: () => {
      throw new Error('a statement that would not come by the counter')
    },
  }) as unknown as PgClient
}

/** The object with some of its methods replaced. */
function instead<Part extends object>(part: Part, methods: Readonly<Record<string, unknown>>): Part {
  return new Proxy(part, {
    get: (target, name) => {
      const value = methods[String(name)] ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
