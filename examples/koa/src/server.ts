import { apiKeys } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { demoBank, paymentsIn } from '@latchkey-examples/payments'
import Database from 'libsql'
import { paymentsApi } from './app.js'

const { PORT = '3000', DATABASE_FILE = 'payments.db', WEBHOOK_SECRET = '' } = process.env

const database = new Database(DATABASE_FILE)
database.exec('PRAGMA journal_mode = WAL')
const store = sqliteStore({ database })
const keys = apiKeys({ store, prefix: 'acme' })
const payments = paymentsIn(database)
const api = paymentsApi({ keys, store, payments, bank: demoBank, webhookSecret: WEBHOOK_SECRET })

const server = api.app.listen(Number(PORT))
server.once('listening', () => console.log(`Koa listens on http://127.0.0.1:${PORT}`))
server.once('error', ({ message }: Error) => {
  console.error(`Koa cannot start: ${message}`)
  process.exitCode = 1
  void stop()
})

async function stop(): Promise<void> {
  await api.close()
  server.close(() => void store.close().then(() => database.close()))
}
process.once('SIGINT', stop).once('SIGTERM', stop)
