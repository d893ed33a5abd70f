import { serve } from '@hono/node-server'
import { apiKeys } from '@latchkey/core'
import { demoBank, openStorage } from '@latchkey-examples/payments'
import { demoMailer } from '@latchkey-examples/payments/mailer'
import { paymentsApi } from './app.js'

const { PORT = '3000', STORE_URL, DATABASE_FILE, WEBHOOK_SECRET = '', PUBLIC_URL } = process.env

async function start(): Promise<void> {
  const { store, payments, accounts, close } = await openStorage({ url: STORE_URL, file: DATABASE_FILE })
  await accounts.add('org_demo', 'demo@example.com')
  const keys = apiKeys({ store, prefix: 'acme' })
  const publicUrl = PUBLIC_URL ?? `http://127.0.0.1:${PORT}`
  const forAccounts = { accounts, mailer: demoMailer, publicUrl }
  const api = paymentsApi({ keys, store, payments, bank: demoBank, webhookSecret: WEBHOOK_SECRET, ...forAccounts })

  const server = serve({ fetch: api.app.fetch, port: Number(PORT) })
  const stop = async () => {
    await api.close()
    server.close(() => void close())
  }
  server.once('listening', () => console.log(`Hono listens on http://127.0.0.1:${PORT}`))
  server.once('error', (error: Error) => {
    fail(error)
    void stop()
  })
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

function fail({ message }: Error): void {
  console.error(`Hono cannot start: ${message}`)
  process.exitCode = 1
}

start().catch(fail)
