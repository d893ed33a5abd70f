import type Database from 'libsql'
import type { Payment, Payments } from './payments.js'

/** Payments in a SQLite table. */
export function sqlitePayments(database: Database.Database): Payments {
  database.exec(
    `CREATE TABLE IF NOT EXISTS payments (
       id TEXT PRIMARY KEY, owner TEXT NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL)`,
  )
  const columns = 'id, amount, currency, status'
  const insert = database.prepare(`INSERT INTO payments VALUES (?, ?, ?, ?, 'pending') ON CONFLICT DO NOTHING`)
  const one = database.prepare(`SELECT ${columns} FROM payments WHERE id = ? AND owner = ?`)
  const all = database.prepare(`SELECT ${columns} FROM payments WHERE owner = ? ORDER BY rowid DESC LIMIT 100`)
  const refunded = database.prepare(`UPDATE payments SET status = 'refunded' WHERE id = ? AND owner = ?`)
  const settled = database.prepare(`UPDATE payments SET status = 'settled' WHERE id = ? AND status = 'pending'`)
  const find = (id: string, ownerId: string) => paymentOf(one.get(id, ownerId) as Payment | undefined)
  return {
    find: async (id, ownerId) => find(id, ownerId),
    create: async (id, ownerId, { amount, currency }) => {
      insert.run(id, ownerId, amount, currency)
      return find(id, ownerId)!
    },
    list: async (ownerId) => (all.all(ownerId) as Payment[]).map((row) => paymentOf(row)!),
    refund: async (id, ownerId) => {
      refunded.run(id, ownerId)
      return find(id, ownerId)
    },
    settle: async (id) => {
      settled.run(id)
    },
  }
}

/** The columns alone: libsql adds a member of its own to a row. */
function paymentOf(row: Payment | undefined): Payment | undefined {
  return row && { id: row.id, amount: row.amount, currency: row.currency, status: row.status }
}
