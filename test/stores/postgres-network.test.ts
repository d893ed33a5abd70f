import { StoreError } from '@latchkey/core'
import { type PostgresStore, postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type FaultProxy, faultProxy, type NetworkFault } from '../faults/fault-proxy.js'
import { type OpenClient, openPg, tunedClients } from './postgres-clients.js'
import { type Operation, operations } from './postgres-operations.js'
import { eventually, newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const reason = await noPostgres()
if (reason !== undefined) it.skip(`networks that fail on the way to Postgres (skipped: ${reason})`)

/** What an operation came to, while the network failed and afterwards. */
interface Trace {
  outcome: unknown
  tookMs: number
  left: unknown
  again: unknown
  end: unknown
}

const faults: readonly NetworkFault[] = ['cut', 'refuse', 'half-open', 'black-hole', 'amnesia', { delayMs: 3000 }]

describe.skipIf(reason !== undefined).each(tunedClients)('by %s', (_, openClient) => {
  const schema = newSchema()
  let server: Awaited<ReturnType<typeof anyPostgres>>
  let own: ReturnType<typeof openPg>
  let direct: PostgresStore
  let way: FaultProxy

  beforeAll(async () => {
    server = await anyPostgres()
    own = openPg(server.url, { max: 2, options: `-c search_path=${schema}` })
    direct = postgresStore({ client: own.client, schema })
    await direct.migrate()
    way = await faultProxy(Number(new URL(server.url).port))
  })
  afterAll(async () => {
    await way?.close()
    await own?.run(`DROP SCHEMA "${schema}" CASCADE`)
    await own?.end()
    server?.remove()
  })

  /** A store that meets the faults. */
  function open(max: number): { store: PostgresStore; end: OpenClient['end'] } {
    const url = new URL(server.url)
    url.port = String(way.port)
    const { client, end } = openClient(url.href, max)
    return { store: postgresStore({ client, schema }), end }
  }

  const look = async ({ look }: Operation, id: string) => look(direct, id, own.run)

  async function attempt(work: () => unknown): Promise<Pick<Trace, 'outcome' | 'tookMs'>> {
    const startedAtMs = performance.now()
    const outcome = await Promise.resolve()
      .then(work)
      .catch((error: unknown) => error)
    return { outcome, tookMs: performance.now() - startedAtMs }
  }

  describe.each(faults.map((fault) => [typeof fault === 'string' ? fault : 'delay', fault] as const))(
    'over a network with the fault "%s"',
    (name, fault) => {
      const traces = new Map<string, Trace>()
      let recoveredAfterMs: number

      beforeAll(async () => {
        const { store, end } = open(operations.length)
        const idOf = (operation: Operation) => `${operation.name} ${name}`
        for (const operation of operations) await operation.arrange(direct, idOf(operation))
        await Promise.all(operations.map(async () => store.keys.find('warm')))
        await way.inject(fault)
        const during = await Promise.all(
          operations.map((operation) => attempt(() => operation.run(store, idOf(operation)))),
        )
        await way.inject('none')
        const healedAtMs = performance.now()
        await eventually(() => store.keys.find('back'))
        recoveredAfterMs = performance.now() - healedAtMs
        for (const [index, operation] of operations.entries()) {
          const id = idOf(operation)
          const left = await look(operation, id)
          const { outcome: again } = await attempt(() => operation.run(store, id))
          traces.set(operation.name, { ...during[index]!, left, again, end: await look(operation, id) })
        }
        await end()
      })

      test.each(operations)('$name fails closed in bounded time, and knows itself when asked again', (operation) => {
        const trace = traces.get(operation.name)!
        expect(trace.outcome).toBeInstanceOf(StoreError)
        expect(trace.tookMs).toBeLessThan(4000)
        expect([operation.before, operation.after]).toContainEqual(trace.left)
        expect(operation.again).toContainEqual(trace.again)
        expect(trace.end).toEqual(operation.after)
      })

      test('the store works again within 2 s after it has healed, by itself', () => {
        expect(recoveredAfterMs).toBeLessThan(2000)
      })
    },
  )

  describe('where the answer is lost after the statement was carried out', () => {
    let opened: ReturnType<typeof open>
    beforeAll(() => {
      opened = open(1)
    })
    afterAll(() => opened.end())

    test.each(operations)('$name is done, and knows so when asked again', async (operation) => {
      const { store } = opened
      // Once more beforehand, so that this connection has the statement prepared and sends it whole.
      for (const id of [`${operation.name} rehearsed`, `${operation.name} lost`]) await operation.arrange(direct, id)
      await operation.run(store, `${operation.name} rehearsed`)
      await operation.arrange(direct, `${operation.name} lost`)
      const dropped = way.dropped()
      way.dropReplies()
      const { outcome } = await attempt(() => operation.run(store, `${operation.name} lost`))
      expect(outcome).toBeInstanceOf(StoreError)
      expect(way.dropped()).toBe(dropped + 1)
      expect(await look(operation, `${operation.name} lost`)).toEqual(operation.after)
      expect(operation.again).toContainEqual(await operation.run(store, `${operation.name} lost`))
      expect(await look(operation, `${operation.name} lost`)).toEqual(operation.after)
    })
  })
})
