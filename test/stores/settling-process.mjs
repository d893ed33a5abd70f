// A process that pays and settles in one transaction, and is killed before the COMMIT or after it, or not at all. It tells its parent
// what its client gets.
import { idempotency } from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { postgresStore } from '@latchkey/stores/postgres'
import { sqliteStore } from '@latchkey/stores/sqlite'
import Database from 'libsql'
import { Client } from 'pg'

const [, , kind, place, schema, moment] = process.argv
const reply = { status: 201, body: `paid by the process that is killed: ${moment}` }
const die = (when) => when === moment && process.kill(process.pid, 'SIGKILL')

function onSqlite() {
  const database = new Database(place)
  const store = sqliteStore({ database })
  const pay = ({ settleIn }) => {
    database.exec('BEGIN IMMEDIATE; INSERT INTO payments DEFAULT VALUES')
    settleIn(store.transaction(), reply)
    die('before')
    database.exec('COMMIT')
    die('after')
  }
  return { store, pay }
}

async function onPostgres() {
  const client = new Client({ connectionString: place })
  const opened = new Client({ connectionString: place })
  await Promise.all([client.connect(), opened.connect()])
  const store = postgresStore({ client, schema })
  const pay = async ({ settleIn }) => {
    await opened.query('BEGIN')
    await opened.query(`INSERT INTO "${schema}".payments DEFAULT VALUES`)
    await settleIn(store.transaction(opened), reply)
    die('before')
    await opened.query('COMMIT')
    die('after')
  }
  return { store, pay }
}

const { store, pay } = kind === 'sqlite' ? onSqlite() : await onPostgres()
const guard = idempotency({ store, scope: 'everyone', leaseSeconds: 0.5 })
const handle = protect({ idempotency: guard }, async (_request, grants) => {
  await pay(grants.idempotency)
  return new Response(reply.body, { status: 201 })
})
let response
do {
  response = await handle(new Request('http://a.test/pay', { method: 'POST', headers: { 'idempotency-key': 'k' } }))
} while (response.status === 409)
const replayed = response.headers.get('idempotent-replayed') === 'true' ? 'replayed: ' : ''
process.send(replayed + (await response.text()), () => process.exit())
