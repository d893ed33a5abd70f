// settle-with-pg.ts
import type { idempotency } from '@latchkey/express'
import type { PostgresStore } from '@latchkey/stores/postgres'
import type { RequestHandler } from 'express'
import type { Pool } from 'pg'

export function payWithPg(pool: Pool, store: PostgresStore, once: ReturnType<typeof idempotency>): RequestHandler {
  // The loss of a connection that is in use is an event, too: unheard, it ends the process.
  pool.on('connect', (client) => void client.on('error', () => {}))
  return async (req, res) => {
    const client = await pool.connect()
    try {
      await client.query('BEGIN')
      const { rows } = await client.query('INSERT INTO payments (amount) VALUES ($1) RETURNING id', [req.body.amount])
      await once.grant(req).settleIn(store.transaction(client), { status: 201, json: rows[0] })
      await client.query('COMMIT')
      res.status(201).json(rows[0])
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {})
      throw error
    } finally {
      client.release()
    }
  }
}
