import { apiKeys } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { demoBank, paymentsIn } from '@latchkey-examples/payments'
import { accountsIn } from '@latchkey-examples/payments/accounts'
import { demoMailer } from '@latchkey-examples/payments/mailer'
import Database from 'libsql'
import { paymentsApi } from './app.js'

const { PORT = '3000', DATABASE_FILE = 'payments.db', WEBHOOK_SECRET = '', PUBLIC_URL } = process.env

const database = new Database(DATABASE_FILE)
database.exec('PRAGMA journal_mode = WAL')
const store = sqliteStore({ database })
const keys = apiKeys({ store, prefix: 'acme' })
const payments = paymentsIn(database)
const accounts = accountsIn(database)
accounts.add('org_demo', 'demo@example.com')
const publicUrl = PUBLIC_URL ?? `http://127.0.0.1:${PORT}`
const forAccounts = { accounts, mailer: demoMailer, publicUrl }
const api = paymentsApi({ keys, store, payments, bank: demoBank, webhookSecret: WEBHOOK_SECRET, ...forAccounts })

const server = api.app.listen(Number(PORT))
server.once('listening', () => console.log(`Express listens on http://127.0.0.1:${PORT}`))
server.once('error', ({ message }: Error) => {
  console.error(`Express cannot start: ${message}`)
  process.exitCode = 1
  void stop()
})

async function stop(): Promise<void> {
  await api.close()
  server.close(() => void store.close().then(() => database.close()))
}
process.once('SIGINT', stop).once('SIGTERM', stop)
