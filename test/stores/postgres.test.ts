import { setTimeout as pause } from 'node:timers/promises'
import { storeSuite } from '@latchkey/conformance'
import { postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { type OpenClient, openPg, openPglite, openPostgresJs } from './postgres-clients.js'
import { newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

// On a clock that runs, cases mostly wait, each in a schema of its own.
vi.setConfig({ maxConcurrency: 32 })

/** The suite on a clock that stands still: one schema, emptied after each case. */
function declareInjected(name: string, openClient: () => OpenClient): void {
  const schema = newSchema()
  let opened: OpenClient
  beforeAll(async () => {
    opened = openClient()
    await postgresStore({ client: opened.client, schema }).migrate()
  })
  afterAll(async () => {
    await opened.run(`DROP SCHEMA "${schema}" CASCADE`)
    await opened.end()
  })
  storeSuite(name, {
    open: () => {
      let nowMs = 1_790_000_000_000
      const newStore = () => postgresStore({ client: opened.client, schema, now: () => nowMs })
      return {
        store: newStore(),
        another: newStore,
        advance: (milliseconds) => {
          nowMs += milliseconds
        },
        damage: async (id) => {
          await opened.run(`UPDATE "${schema}".latchkey_idempotency SET state = 'from the future' WHERE id = '${id}'`)
        },
        dispose: async () => {
          await opened.run(`DELETE FROM "${schema}".latchkey_idempotency; DELETE FROM "${schema}".latchkey_replay;
            DELETE FROM "${schema}".latchkey_keys; DELETE FROM "${schema}".latchkey_quotas;
            DELETE FROM "${schema}".latchkey_owners; DELETE FROM "${schema}".latchkey_rates; DELETE FROM "${schema}".latchkey_tokens`)
        },
      }
    },
  })
}

/** The suite by the server's own clock. */
function declareRunning(name: string, openClient: () => OpenClient): void {
  let opened: OpenClient
  beforeAll(() => {
    opened = openClient()
  })
  afterAll(() => opened.end())
  storeSuite(name, {
    open: async () => {
      const schema = newSchema()
      const newStore = () => postgresStore({ client: opened.client, schema })
      const store = newStore()
      await store.migrate()
      return {
        store,
        another: newStore,
        advance: (milliseconds) => pause(milliseconds),
        damage: async (id) => {
          await opened.run(`UPDATE "${schema}".latchkey_idempotency SET state = 'from the future' WHERE id = '${id}'`)
        },
        dispose: async () => {
          await opened.run(`DROP SCHEMA "${schema}" CASCADE`)
        },
      }
    },
    clock: 'running',
    timeScale: 0.1,
  })
}

describe('in this process', () => declareInjected('PGlite', openPglite))

const reason = await noPostgres()
if (reason !== undefined) it.skip(`the store suite on a server of Postgres (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('on a server', () => {
  let server: Awaited<ReturnType<typeof anyPostgres>>
  beforeAll(async () => {
    server = await anyPostgres()
  })
  afterAll(() => server?.remove())

  describe('by pg', () => declareInjected('Postgres by pg', () => openPg(server.url)))
  describe('by postgres.js', () => declareInjected('Postgres by postgres.js', () => openPostgresJs(server.url)))
  describe('by its clock', () => declareRunning('Postgres by its own clock', () => openPg(server.url)))
})
