import { type PostgresClient, postgresStore } from '@latchkey/stores/postgres'
import { afterEach } from 'vitest'
import { CachedKeys } from './cached-keys.js'

const cleanUp: (() => unknown)[] = []

afterEach(async () => {
  for (const work of cleanUp.splice(0).reverse()) await work()
})

/** Ended when the test has, the last one first. */
export function afterwards<Opened extends { end(): unknown }>(opened: Opened): Opened {
  cleanUp.push(() => opened.end())
  return opened
}

/** A store of the test's own, and keys of it with a cache. */
export function cachedOn(client: PostgresClient, schema: string, listener?: PostgresClient) {
  const store = postgresStore({ client, schema, ...(listener && { listener }) })
  afterwards({ end: () => store.close() })
  return { store, cached: new CachedKeys(store) }
}
