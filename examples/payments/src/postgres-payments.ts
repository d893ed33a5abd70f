import type { Pool } from 'pg'
import type { Payment, Payments } from './payments.js'

/** Any number that this application alone locks by. */
const tableLock = 760_231

/** Payments in a Postgres table. */
export async function postgresPayments(pool: Pool): Promise<Payments> {
  // Statements in one query are one transaction: of processes that start together one makes the table, the others wait for it.
  await pool.query(
    `SELECT pg_advisory_xact_lock(${tableLock});
     CREATE TABLE IF NOT EXISTS payments (
       position BIGINT GENERATED ALWAYS AS IDENTITY,
       id TEXT PRIMARY KEY, owner TEXT NOT NULL, amount BIGINT NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL)`,
  )
  // pg answers a BIGINT with text.
  const columns = 'id, amount::float8 AS amount, currency, status'
  const select = async (where: string, ...values: string[]) =>
    (await pool.query<Payment>(`SELECT ${columns} FROM payments WHERE ${where}`, values)).rows
  const find = async (id: string, ownerId: string) => (await select('id = $1 AND owner = $2', id, ownerId))[0]
  return {
    find,
    create: async (id, ownerId, { amount, currency }) => {
      const insert = `INSERT INTO payments (id, owner, amount, currency, status) VALUES ($1, $2, $3, $4, 'pending')`
      await pool.query(`${insert} ON CONFLICT DO NOTHING`, [id, ownerId, amount, currency])
      return (await find(id, ownerId))!
    },
    list: (ownerId) => select('owner = $1 ORDER BY position DESC LIMIT 100', ownerId),
    refund: async (id, ownerId) => {
      await pool.query(`UPDATE payments SET status = 'refunded' WHERE id = $1 AND owner = $2`, [id, ownerId])
      return find(id, ownerId)
    },
    settle: async (id) => {
      await pool.query(`UPDATE payments SET status = 'settled' WHERE id = $1 AND status = 'pending'`, [id])
    },
  }
}
