import { runStoreCase, storeCases } from '@latchkey/conformance'
import { postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, describe, it, test } from 'vitest'
import { openPg } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const reason = await noPostgres()
if (reason !== undefined) it.skip(`keys where transactions see less (skipped: ${reason})`)

/** The cases in which keys are written at once. */
const concurrent = storeCases.filter(({ facet, name }) => facet === 'keys' && /at once|while/.test(name))

describe.skipIf(reason !== undefined).each(['repeatable read', 'serializable'])('in %s', (isolation) => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  let opened: ReturnType<typeof openPg>
  beforeAll(async () => {
    server = await anyPostgres()
    const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
    opened = openPg(server.url, { max: 4, options })
  })
  afterAll(async () => {
    await opened.end()
    await server.remove()
  })

  test.each(concurrent.map((each) => [each.name, each] as const))('%s', async (_, each) => {
    const schema = newSchema()
    const store = postgresStore({ client: opened.client, schema })
    await store.migrate()
    const dispose = async () => void (await opened.run(`DROP SCHEMA "${schema}" CASCADE`))
    await runStoreCase(each, { store, advance: () => undefined, dispose })
  })
})
