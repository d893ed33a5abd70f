import { adapterSuite } from '@latchkey/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { GuardSettings } from '../lab/options.js'
import { startLab } from '../lab/start.js'
import { noRedisServer, type RedisServer, startRedis } from '../stores/redis-server.js'
import { parserDeviations } from './suite.js'

const reason = noRedisServer()
if (reason !== undefined) it.skip(`the adapter suite over Redis (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('over a server of the test’s own', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis('--appendonly', 'yes', '--appendfsync', 'always')
  })
  afterAll(() => server?.remove())

  adapterSuite('hono over Redis', {
    skip: parserDeviations,
    start: (settings) => startLab({ adapter: 'hono', store: server.url, options: settings as GuardSettings }),
  })
})
