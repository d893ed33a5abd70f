import { type PostgresClient, postgresStore } from '@latchkey/stores/postgres'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from 'vitest'
import { openPg, openPostgresJs } from './postgres-clients.js'
import { atOnce, eventually, fault, newSchema, request } from './postgres-records.js'
import { noPostgresPrograms, startPostgres } from './postgres-server.js'

const reason = noPostgresPrograms()
if (reason !== undefined) it.skip(`faults of a Postgres server (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('a Postgres server', () => {
  const cleanUp: (() => unknown)[] = []
  let server: Awaited<ReturnType<typeof startPostgres>>
  let own: ReturnType<typeof openPg>
  let schema: string
  const storeOn = (client: PostgresClient) => postgresStore({ client, schema })

  beforeAll(async () => {
    server = await startPostgres()
    own = openPg(server.url, { max: 4 })
    // The server is made to end.
    own.client.on('error', () => undefined)
  })
  beforeEach(async () => {
    schema = newSchema()
    await storeOn(own.client).migrate()
  })
  afterEach(async () => {
    for (const work of cleanUp.splice(0)) await work()
  })
  afterAll(async () => {
    await own?.end()
    server?.remove()
  })

  function openPool(settings: Parameters<typeof openPg>[1] = {}) {
    const opened = openPg(server.url, settings)
    cleanUp.push(opened.end)
    return opened
  }

  /** Has each write of a record end with this SQLSTATE, so many times. */
  async function fail(state: string, times: number) {
    await own.run(`CREATE SEQUENCE "${schema}".tries;
      CREATE FUNCTION "${schema}".fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('"${schema}".tries') <= ${times} THEN RAISE EXCEPTION 'made up' USING ERRCODE = '${state}'; END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON "${schema}".latchkey_idempotency
        FOR EACH ROW EXECUTE FUNCTION "${schema}".fail()`)
    return async () => Number((await own.run(`SELECT last_value FROM "${schema}".tries`))[0]!.last_value)
  }

  describe.each([
    ['pg', () => openPg(server.url, { max: 2, connectionTimeoutMillis: 2000 })],
    ['postgres.js', () => openPostgresJs(server.url)],
  ])('that crashes under %s', (_, open) => {
    test('keeps what it answered, and the store goes on when it is back', async () => {
      const { client, end } = open()
      cleanUp.push(end)
      const store = storeOn(client)
      await store.idempotency.claim(request('running'))
      await store.idempotency.claim(request('settled'))
      expect(await store.idempotency.settle('settled', 'token settled', Buffer.from('reply'), 600)).toBe('ok')
      server.stop()
      await expect(store.idempotency.claim(request('new'))).rejects.toEqual(fault('unavailable'))
      await expect(store.keys.find('new')).rejects.toEqual(fault('unavailable'))
      server.start()
      const another = { token: 'another' }
      const settled = await eventually(() => store.idempotency.claim(request('settled', another)))
      expect(settled).toEqual({ outcome: 'settled', reply: expect.any(Uint8Array) })
      expect(await store.idempotency.claim(request('running', another))).toMatchObject({ outcome: 'running' })
      expect(await store.idempotency.claim(request('new'))).toEqual({ outcome: 'claimed', attempt: 1 })
    })
  })

  test('whose administrator ends the connection under a statement has not carried it out', async () => {
    const { client } = openPool({ max: 1, application_name: schema })
    const store = storeOn(client)
    await store.check()
    const other = await own.client.connect()
    await other.query('BEGIN')
    await storeOn(other).idempotency.claim(request('a', { token: 'theirs' }))
    const claim = store.idempotency.claim(request('a'))
    const ended = expect(claim).rejects.toEqual(fault('unavailable'))
    await eventually(async () => {
      const waiting = `FROM pg_stat_activity WHERE application_name = '${schema}' AND wait_event_type = 'Lock'`
      const [row] = await own.run(`SELECT pg_terminate_backend(pid) AS is_ended ${waiting}`)
      if (row?.is_ended !== true) throw new Error('it does not wait yet')
    })
    await ended
    await other.query('ROLLBACK')
    other.release()
    expect(await store.idempotency.find('a')).toBeUndefined()
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
  })

  test('whose answer to a claim or a settlement is lost knows it when it is asked again', async () => {
    let isLost = true
    const lossy = {
      connect: () => own.client.connect(),
      query: async (query: Parameters<(typeof own)['client']['query']>[0]) => {
        const answer = await own.client.query(query)
        if (isLost && answer.command !== 'SELECT') throw new Error('Connection terminated unexpectedly')
        if (isLost && JSON.stringify(answer.rows).includes('claimed')) throw new Error('read ECONNRESET')
        return answer
      },
    }
    const store = storeOn(lossy as unknown as PostgresClient)
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable'))
    isLost = false
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    isLost = true
    const settle = () => store.idempotency.settle('a', 'token a', Buffer.from('reply'), 600)
    await expect(settle()).rejects.toEqual(fault('unavailable'))
    isLost = false
    expect(await settle()).toBe('ok')
    expect(await store.idempotency.claim(request('a', { token: 'b' }))).toMatchObject({ outcome: 'settled' })
  })

  test.each(['40001', '40P01'])('that rolls a statement back for another (%s) is asked again', async (state) => {
    const tries = await fail(state, 3)
    const store = storeOn(own.client)
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'claimed', attempt: 1 })
    expect(await tries()).toBe(4)
  })

  test('that rolls every statement back is asked eight times and no more', async () => {
    const tries = await fail('40001', 1000)
    const claim = storeOn(own.client).idempotency.claim(request('a'))
    await expect(claim).rejects.toEqual(fault('unavailable', 'other transactions'))
    expect(await tries()).toBe(8)
  })

  test.each([
    ['55P03', 'unavailable', 'too long'],
    ['57014', 'unavailable', 'too long'],
    ['53100', 'full', 'disk'],
    ['XX001', 'corrupt', 'cannot read'],
    ['42501', 'unavailable', 'this user'],
    ['23514', 'unavailable', 'SQLSTATE 23514'],
  ])(
    'that ends a statement with %s is asked once each time, and its own words are not in the message',
    async (...row) => {
      const [state, name, text] = row
      const tries = await fail(state, 1000)
      const claim = async () => storeOn(own.client).idempotency.claim(request('a'))
      await expect(claim()).rejects.toEqual(fault(name, text))
      await expect(claim()).rejects.not.toThrow('made up')
      expect(await tries()).toBe(2)
    },
  )

  test('whose transactions are all serializable has one winner of 64, and no errors', async () => {
    const { client } = openPool({ max: 16, options: '-c default_transaction_isolation=serializable' })
    const store = storeOn(client)
    for (const takeOver of [1, 2]) {
      const answers = await atOnce(64, async (index) =>
        store.idempotency.claim(request('a', { token: `token ${takeOver} ${index}` })),
      )
      expect(answers.filter(({ outcome }) => outcome === 'claimed')).toEqual([
        { outcome: 'claimed', attempt: takeOver },
      ])
      expect(answers.filter(({ outcome }) => outcome === 'running')).toHaveLength(63)
      await own.run(`UPDATE "${schema}".latchkey_idempotency SET lease_until_ms = 0`)
    }
  })

  test('that takes no writes makes the store unavailable, and says why', async () => {
    const store = storeOn(openPool({ options: '-c default_transaction_read_only=on' }).client)
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable', 'takes no writes'))
    await expect(store.replay.reserve('a', 'token', 30)).rejects.toEqual(fault('unavailable', 'takes no writes'))
    expect(await store.idempotency.find('a')).toBeUndefined()
  })

  test('whose tables are locked is waited for as long as the pool lets statements take', async () => {
    const store = storeOn(openPool({ max: 2, statement_timeout: 50 }).client)
    await store.check()
    const other = await own.client.connect()
    await other.query(`BEGIN; LOCK TABLE "${schema}".latchkey_idempotency IN ACCESS EXCLUSIVE MODE`)
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('unavailable', 'too long'))
    await expect(store.purge()).rejects.toEqual(fault('unavailable', 'too long'))
    await other.query('ROLLBACK')
    other.release()
    expect(await eventually(() => store.idempotency.claim(request('a')))).toMatchObject({ outcome: 'claimed' })
  })
})
