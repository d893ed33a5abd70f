import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { apiKeys, sign, standardWebhooks } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { paymentsApi as onExpress, type PaymentsApiOptions } from '@latchkey-examples/express/app'
import { paymentsApi as onHono } from '@latchkey-examples/hono/app'
import { paymentsApi as onKoa } from '@latchkey-examples/koa/app'
import { demoBank, sqlitePayments } from '@latchkey-examples/payments'
import type { Accounts } from '@latchkey-examples/payments/accounts'
import type { Mail } from '@latchkey-examples/payments/mailer'
import { sqliteAccounts } from '@latchkey-examples/payments/sqlite-accounts'
import Database from 'libsql'
import supertest from 'supertest'
import { vi } from 'vitest'

const servers = {
  express: (options: PaymentsApiOptions) => createServer(onExpress(options).app),
  koa: (options: PaymentsApiOptions) => createServer(onKoa(options).app.callback()),
  hono: (options: PaymentsApiOptions) => createAdaptorServer({ fetch: onHono(options).app.fetch }) as Server,
}

export type Framework = keyof typeof servers
export const frameworks: readonly Framework[] = ['express', 'koa', 'hono']

export const order = { amount: 1200, currency: 'eur' }

/** What links in mails begin with. */
export const publicUrl = 'https://pay.example.com'

const webhookSecret = `whsec_${Buffer.from('a secret of the bank, of 32 bytes').toString('base64')}`

/** The example as it stands on a framework, over a database file of its own. */
export async function openExample(framework: Framework, now?: () => number) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-example-'))
  const file = join(folder, 'payments.db')
  const database = new Database(file)
  const store = sqliteStore({ database, busyTimeoutSeconds: 0.05, ...(now && { now }) })
  const keys = apiKeys({ store, prefix: 'acme' })
  const bank = { charge: vi.fn(demoBank.charge) }
  const accounts: Accounts = sqliteAccounts(database)
  const mails: Mail[] = []
  const mailer = {
    send: async (mail: Mail) => {
      mails.push(mail)
    },
  }
  const forAccounts = { accounts, mailer, publicUrl }
  const payments = sqlitePayments(database)
  const server = servers[framework]({ keys, store, payments, bank, webhookSecret, ...forAccounts })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const http = supertest(server)

  const keyOf = async (ownerId: string, ...scopes: string[]) =>
    (await keys.issue({ name: 'a key', ownerId, environment: 'live', scopes })).key
  const writer = await keyOf('org_one', 'payments:read', 'payments:write')
  const reader = await keyOf('org_one', 'payments:read')
  const stranger = await keyOf('org_other', 'payments:read', 'payments:write')

  const headers = (credential: string | null, key: string | null) => ({
    ...(credential === null ? {} : { authorization: `Bearer ${credential}` }),
    ...(key === null ? {} : { 'idempotency-key': key }),
  })

  return {
    http,
    folder,
    accounts,
    mails,
    keyOf,
    bank,
    reader,
    stranger,
    get: (path: string, as: string | null = reader) => http.get(path).set(headers(as, null)),
    pay: (key: string | null, body: object | string = order, as: string | null = writer) =>
      http.post('/v1/payments').set(headers(as, key)).type('json').send(body),
    refund: (id: string, key: string | null, as: string | null = writer) =>
      http.post(`/v1/payments/${id}/refunds`).set(headers(as, key)),
    /** Sends `body` with the headers that the bank made for `signedBody`. */
    webhook: (id: string, body: object, signedBody = body) =>
      http
        .post('/webhooks/bank')
        .set(sign(standardWebhooks, { id, body: JSON.stringify(signedBody) }, webhookSecret))
        .type('json')
        .send(JSON.stringify(body)),
    /** Runs `work` while another connection to the file is in a transaction of this kind. */
    async whileLocked<T>(kind: 'IMMEDIATE' | 'EXCLUSIVE', work: () => PromiseLike<T>): Promise<T> {
      const other = new Database(file)
      other.exec(`BEGIN ${kind}`)
      try {
        return await work()
      } finally {
        other.exec('ROLLBACK')
        other.close()
      }
    },
    async close() {
      await new Promise((resolve) => server.close(resolve))
      await store.close()
      database.close()
      rmSync(folder, { recursive: true })
    },
  }
}
