// One of several processes on one database. Told when to make the tables by its parent over IPC; it says how that came out.
import { once } from 'node:events'
import { postgresStore } from '@latchkey/stores/postgres'
import pg from 'pg'

const [, , url, schema] = process.argv
const pool = new pg.Pool({ connectionString: url, max: 1 })
const store = postgresStore({ client: pool, schema })
await pool.query('SELECT 1')
process.send('open')
await once(process, 'message')
try {
  await store.migrate()
  await store.check()
  process.send('made')
} catch (error) {
  process.send(String(error))
}
await pool.end()
process.disconnect()
