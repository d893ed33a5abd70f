import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openPg } from './postgres-clients.js'
import { newestVersion } from './postgres-older.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const script = fileURLToPath(new URL('postgres-process.mjs', import.meta.url))
const reason = await noPostgres()
if (reason !== undefined) it.skip(`processes that make the tables in Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('in Postgres', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  test('eight processes that make the tables at once make them once', async () => {
    const schema = newSchema()
    const children = Array.from({ length: 8 }, () => fork(script, [server.url, schema], { execArgv: [] }))
    await Promise.all(children.map((child) => once(child, 'message')))
    const answers = children.map(async (child) => (await once(child, 'message'))[0] as string)
    for (const child of children) child.send('go')
    expect(await Promise.all(answers)).toEqual(children.map(() => 'made'))
    const { run, end } = openPg(server.url)
    expect(await run(`SELECT * FROM "${schema}".latchkey_meta`)).toEqual([
      { name: 'schema', value: String(newestVersion) },
    ])
    await run(`DROP SCHEMA "${schema}" CASCADE`)
    await end()
  }, 60_000)
})
