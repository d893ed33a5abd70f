import { idempotency, StoreError } from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { type PostgresStore, postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type OpenClient, openPg, tunedClients } from './postgres-clients.js'
import { operations } from './postgres-operations.js'
import { atOnce, eventually, fault, newSchema, request } from './postgres-records.js'
import { noPostgresPrograms, type PostgresServer, startPostgres } from './postgres-server.js'

const reason = noPostgresPrograms()
if (reason !== undefined) it.skip(`Postgres servers that go wrong under work (skipped: ${reason})`)

describe.skipIf(reason !== undefined).each(tunedClients)('by %s, a Postgres server', (_, openClient) => {
  const schema = newSchema()
  let server: PostgresServer
  let own: ReturnType<typeof openPg>
  let opened: OpenClient
  let direct: PostgresStore
  let store: PostgresStore

  beforeAll(async () => {
    server = await startPostgres()
    own = openPg(server.url, { max: 3, options: `-c search_path=${schema}` })
    direct = postgresStore({ client: own.client, schema })
    await direct.migrate()
    opened = openClient(server.url, operations.length)
    store = postgresStore({ client: opened.client, schema })
  })
  afterAll(async () => {
    await opened?.end()
    await own?.end()
    server?.remove()
  })

  test('whose administrator ends all connections under their statements has carried none of them out', async () => {
    const idOf = (name: string) => `${name} ended`
    for (const { arrange, name } of operations) await arrange(direct, idOf(name))
    const ended = new Set(operations.map(({ name }) => name))
    await store.check()
    const other = await own.client.connect()
    await other.query('BEGIN')
    const tables = ['idempotency', 'replay', 'keys', 'quotas', 'rates', 'tokens'].map((name) => `latchkey_${name}`)
    await other.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`)
    const outcomes = operations.map(({ name, run }) =>
      Promise.resolve(run(store, idOf(name))).catch((error: unknown) => {
        ended.delete(name)
        return error
      }),
    )
    await eventually(async () => {
      await other.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()`)
      expect([...ended]).toEqual([])
    })
    await other.query('ROLLBACK')
    other.release()
    for (const [index, { name, run, look, before, after, again }] of operations.entries()) {
      expect(await outcomes[index], name).toBeInstanceOf(StoreError)
      expect(await look(direct, idOf(name), own.run), name).toEqual(before)
      expect(again, name).toContainEqual(await eventually(() => run(store, idOf(name))))
      expect(await look(direct, idOf(name), own.run), name).toEqual(after)
    }
  })

  test('that takes no writes for a while refuses requests, and goes on when it takes them again', async () => {
    let runs = 0
    const guard = idempotency({ store, scope: 'everyone' })
    const handle = protect({ idempotency: guard }, () => Response.json({ run: ++runs }))
    const post = async (key: string) =>
      handle(new Request('http://a.test/payments', { method: 'POST', body: '{}', headers: { 'idempotency-key': key } }))
    const first = await (await post('before')).text()
    const takeWrites = async (setting: 'on' | 'off') => {
      await own.run(`ALTER SYSTEM SET default_transaction_read_only = ${setting}`)
      await own.run('SELECT pg_reload_conf()')
    }
    await takeWrites('on')
    await eventually(async () => {
      await expect(store.replay.reserve('any', 'token', 30)).rejects.toEqual(fault('unavailable', 'takes no writes'))
    })
    const refused = await post('meanwhile')
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
    expect(await refused.json()).toMatchObject({ code: 'idempotency-store-unavailable' })
    expect((await post('before')).status).toBe(503)
    expect(runs).toBe(1)
    await takeWrites('off')
    expect(await eventually(() => okOf(post('meanwhile')))).toBe(200)
    expect(await (await post('before')).text()).toBe(first)
    expect(runs).toBe(2)
  })

  test('that is killed loses nothing that it has acknowledged, and the store goes on when it is back', async () => {
    const settled: string[] = []
    let isKilled = false
    const work = async (worker: number) => {
      for (let index = 0; !isKilled; index++) {
        const id = `killed ${worker} ${index}`
        await store.idempotency.claim(request(id))
        if ((await store.idempotency.settle(id, `token ${id}`, Buffer.from(id), 600)) === 'ok') settled.push(id)
        if (settled.length < 200 || isKilled) continue
        isKilled = true
        server.kill()
      }
    }
    await atOnce(8, (worker) => work(worker).catch((error: unknown) => expect(error).toBeInstanceOf(StoreError)))
    // What the killed server has left behind is in the way until all its processes have ended.
    await eventually(() => server.start())
    await eventually(() => store.keys.find('any'))
    expect(settled.length).toBeGreaterThanOrEqual(200)
    for (const id of settled) {
      const claim = await store.idempotency.claim(request(id, { token: 'another' }))
      expect(claim).toEqual({ outcome: 'settled', reply: expect.objectContaining({ length: id.length }) })
    }
  })
})

/** The status, if it is no 503. */
async function okOf(response: Promise<Response>): Promise<number> {
  const { status } = await response
  if (status === 503) throw new Error('it is not back yet')
  return status
}
