import { apiKeys } from '@latchkey/core'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { paymentsIn } from '@latchkey-examples/payments'
import Database from 'libsql'
import { paymentsApi } from './app.js'

const { PORT = '3000', DATABASE_FILE = 'payments.db', WEBHOOK_SECRET = '' } = process.env

const database = new Database(DATABASE_FILE)
const store = sqliteStore({ database })
const keys = apiKeys({ store, prefix: 'acme' })
const api = paymentsApi({ keys, store, payments: paymentsIn(database), webhookSecret: WEBHOOK_SECRET })

const server = api.app.listen(Number(PORT), () => console.log(`Express listens on http://127.0.0.1:${PORT}`))

async function stop(): Promise<void> {
  await api.close()
  server.close(() => void store.close().then(() => database.close()))
}
process.once('SIGINT', stop).once('SIGTERM', stop)
