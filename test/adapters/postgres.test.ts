import { adapterSuite } from '@latchkey/conformance'
import { afterAll, beforeAll, describe, it } from 'vitest'
import type { GuardSettings } from '../lab/options.js'
import { startLab } from '../lab/start.js'
import { noPostgresPrograms, startPostgres } from '../stores/postgres-server.js'
import { parserDeviations } from './suite.js'

const reason = noPostgresPrograms()
if (reason !== undefined) it.skip(`the adapter suite over Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('over a server of the test’s own', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())

  adapterSuite('express over Postgres', {
    skip: parserDeviations,
    start: (settings) => startLab({ adapter: 'express', store: server.url, options: settings as GuardSettings }),
  })
})
