import { postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { openPg, openPglite } from './postgres-clients.js'
import { atOnce, newSchema, request, token } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

describe('expired rows', () => {
  const { client, run, end } = openPglite()
  afterAll(end)
  let schema: string
  let nowMs: number
  let store: ReturnType<typeof postgresStore>
  beforeEach(async () => {
    nowMs = 1_790_000_000_000
    schema = newSchema()
    store = postgresStore({ client, schema, now: () => nowMs })
    await store.migrate()
  })
  const count = async (table: string) => Number((await run(`SELECT count(*) AS n FROM "${schema}".${table}`))[0]!.n)

  /** 1400 of each: more than two pages. */
  async function fill() {
    await run(`INSERT INTO "${schema}".latchkey_idempotency
        SELECT 'old ' || n, 's', 'f', 't', 'running', 1, ${nowMs}, ${nowMs + 30_000}, ${nowMs + 630_000}, NULL
        FROM generate_series(1, 1400) n;
      INSERT INTO "${schema}".latchkey_replay
        SELECT 'old ' || n, 't', 'committed', ${nowMs + 30_000}, ${nowMs + 630_000} FROM generate_series(1, 1400) n;
      INSERT INTO "${schema}".latchkey_tokens
        SELECT 'old ' || n, 's', 'p', false, '{}', ${nowMs + 630_000} FROM generate_series(1, 1400) n;
      INSERT INTO "${schema}".latchkey_rates SELECT 'old ' || n, 1, ${nowMs + 630_000} FROM generate_series(1, 1400) n`)
  }

  test('go at once where that is asked for, and no row that lives', async () => {
    await fill()
    await store.idempotency.claim(request('live', { leaseSeconds: 86_400 }))
    await store.idempotency.claim(request('settled'))
    await store.idempotency.settle('settled', 'token settled', Buffer.from('reply'), 86_400)
    await store.replay.reserve('live', 'token', 86_400)
    await store.tokens.insert(token('live'), 86_400, false)
    await store.rates.count('live', { limit: 1, windowSeconds: 86_400 })
    expect(await store.purge()).toBe(0)
    nowMs += 630_000
    expect(await store.purge()).toBe(5600)
    const tables = ['latchkey_idempotency', 'latchkey_replay', 'latchkey_tokens', 'latchkey_rates']
    expect(await Promise.all(tables.map(count))).toEqual([2, 1, 1, 1])
    expect(await store.tokens.consume('live')).toEqual(token('live'))
    expect(await store.idempotency.find('live')).toMatchObject({ state: 'running' })
    expect(await store.idempotency.find('settled')).toMatchObject({ state: 'settled' })
  })

  test('that run with a live lease stay, whatever else is written in them', async () => {
    await store.idempotency.claim(request('a', { leaseSeconds: 86_400 }))
    await store.replay.reserve('a', 'token', 86_400)
    await run(`UPDATE "${schema}".latchkey_idempotency SET expires_at_ms = 0`)
    await run(`UPDATE "${schema}".latchkey_replay SET expires_at_ms = 0`)
    expect(await store.purge()).toBe(0)
    nowMs += 86_400_000
    expect(await store.purge()).toBe(2)
  })

  test('go while new ones come, a page with each 128 of them', async () => {
    await fill()
    nowMs += 630_000
    for (let page = 0; page < 3; page++) {
      await atOnce(128, async (index) => store.idempotency.claim(request(`new ${page} ${index}`)))
      await atOnce(128, async (index) => store.replay.reserve(`new ${page} ${index}`, 'token', 30))
      await atOnce(128, async (index) => store.tokens.insert(token(`new ${page} ${index}`), 600, false))
      await atOnce(128, async (index) => store.rates.count(`new ${page} ${index}`, { limit: 1, windowSeconds: 60 }))
    }
    // Waits for the page that is under way.
    await store.close()
    expect(await count('latchkey_idempotency')).toBeLessThan(1400)
    expect(await count('latchkey_replay')).toBeLessThan(1400)
    expect(await count('latchkey_rates')).toBeLessThan(1400)
    expect(await count('latchkey_tokens')).toBeLessThan(1400)
    expect(await run(`SELECT id FROM "${schema}".latchkey_idempotency WHERE id LIKE 'new %'`)).toHaveLength(384)
  })
})

const reason = await noPostgres()
if (reason !== undefined) it.skip(`expired rows that others are at in Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('expired rows that others are at', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  test('are passed over, and nobody waits for them; two that purge at once remove each row once', async () => {
    const { client, run, end } = openPg(server.url)
    const schema = newSchema()
    let nowMs = 1_790_000_000_000
    const store = postgresStore({ client, schema, now: () => nowMs })
    await store.migrate()
    await atOnce(100, async (index) => store.idempotency.claim(request(`old ${index}`)))
    nowMs += 700_000
    const other = await client.connect()
    await other.query(`BEGIN; SELECT FROM "${schema}".latchkey_idempotency WHERE id = 'old 7' FOR UPDATE`)
    const removed = await Promise.all([store.purge(), store.purge()])
    expect(removed[0] + removed[1]).toBe(99)
    await other.query('ROLLBACK')
    other.release()
    expect(await store.purge()).toBe(1)
    await run(`DROP SCHEMA "${schema}" CASCADE`)
    await end()
  })
})
