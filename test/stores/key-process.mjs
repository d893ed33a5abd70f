// One of several processes with API keys in one store, each with a cache. It does what its parent says over IPC, and answers.
import { apiKeys } from '@latchkey/core'
import { postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { Redis } from 'ioredis'
import pg from 'pg'

const [, , kind, place, corner, ttlSeconds] = process.argv

function openStore() {
  if (kind === 'sqlite') return sqliteStore({ file: place, busyTimeoutSeconds: 30 })
  if (kind === 'redis') return redisStore({ client: new Redis(place), keyPrefix: corner })
  return postgresStore({ client: new pg.Pool({ connectionString: place, max: 2 }), schema: corner })
}

const store = openStore()
const keys = apiKeys({ store, prefix: 'acme', cache: { ttlSeconds: Number(ttlSeconds) } })

async function reasonFor(key) {
  const verification = await keys.verify(key)
  return verification.isValid ? 'valid' : verification.reason
}

/** What `verifyUntil` has been answered. */
let seen = []

const work = {
  issue: async () => {
    const { key, info } = await keys.issue({ ownerId: 'alice' })
    return { key, id: info.id }
  },
  verify: reasonFor,
  revoke: (id) => keys.revoke(id),
  disable: (id) => keys.disable(id),
  enable: (id) => keys.enable(id),
  /** Asks without end until the answer is the one that was named, and tells each answer that was not the one before. */
  verifyUntil: async ({ key, reason }) => {
    seen = []
    while (seen.at(-1) !== reason) {
      const found = await reasonFor(key)
      if (found !== seen.at(-1)) seen.push(found)
      await new Promise((resolve) => setImmediate(resolve))
    }
    // What it has once refused it refuses from then on.
    for (let time = 0; time < 200; time++) if ((await reasonFor(key)) !== reason) seen.push('again')
    return seen
  },
  seen: async () => seen,
}

process.on('message', async ({ call, task, value }) => process.send({ call, answer: await work[task](value) }))
store.keys.watch({ changed: () => undefined, lost: () => undefined, heard: () => process.send({ call: 0 }) })
