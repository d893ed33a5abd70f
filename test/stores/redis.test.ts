import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { storeSuite } from '@latchkey/conformance'
import { redisStore } from '@latchkey/stores/redis'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { clients, type OpenClient } from './redis-clients.js'
import { noRedis, type RedisServer, startRedis } from './redis-server.js'

// Cases mostly wait, each in a corner of the server of its own.
vi.setConfig({ maxConcurrency: 32 })

const reason = noRedis()
if (reason !== undefined) it.skip(`the store suite on Redis (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('on a server', () => {
  let server: RedisServer | undefined
  let url = process.env.REDIS_URL ?? ''

  beforeAll(async () => {
    if (url !== '') return
    server = await startRedis()
    url = server.url
  })
  afterAll(() => server?.remove())

  for (const [name, open] of clients) {
    describe(name, () => {
      let opened: OpenClient
      beforeAll(async () => {
        opened = await open(url)
      })
      afterAll(() => opened.end())

      storeSuite(`Redis by ${name}`, {
        open: () => {
          const keyPrefix = `latchkey-${randomBytes(8).toString('hex')}:`
          const newStore = () => redisStore({ client: opened.client, keyPrefix })
          return {
            store: newStore(),
            another: newStore,
            advance: (milliseconds) => pause(milliseconds),
            damage: async (id) => {
              await opened.call('HSET', `${keyPrefix}idempotency:${id}`, 'state', 'from the future')
            },
            dispose: () => removeKeys(opened, keyPrefix),
          }
        },
        clock: 'running',
        timeScale: 0.1,
      })
    })
  }
})

async function removeKeys({ call }: OpenClient, prefix: string): Promise<void> {
  const keys = (await call('KEYS', `${prefix}*`)) as string[]
  if (keys.length > 0) await call('DEL', ...keys)
}
