// settle-with-drizzle.ts
import type { idempotency } from '@latchkey/express'
import type { PostgresStore, TransactionQuery } from '@latchkey/stores/postgres'
import { sql } from 'drizzle-orm'
import type { NodePgDatabase } from 'drizzle-orm/node-postgres'
import { integer, pgTable, serial } from 'drizzle-orm/pg-core'
import type { RequestHandler } from 'express'

const payments = pgTable('payments', { id: serial('id').primaryKey(), amount: integer('amount').notNull() })

// Drizzle numbers the parameters of a query itself: `$1` becomes the first value, wherever it stands.
const within = (tx: Pick<NodePgDatabase, 'execute'>): TransactionQuery => {
  return async (text, values) => {
    const parts = text.split(/\$(\d+)/)
    const chunks = parts.map((part, index) => (index % 2 === 0 ? sql.raw(part) : sql`${values[Number(part) - 1]}`))
    return (await tx.execute(sql.join(chunks))).rows
  }
}

type Guard = ReturnType<typeof idempotency>

export function payWithDrizzle(db: NodePgDatabase, store: PostgresStore, once: Guard): RequestHandler {
  return async (req, res) => {
    const payment = await db.transaction(async (tx) => {
      const { amount } = req.body
      const [inserted] = await tx.insert(payments).values({ amount }).returning({ id: payments.id })
      await once.grant(req).settleIn(store.transaction(within(tx)), { status: 201, json: inserted })
      return inserted
    })
    res.status(201).json(payment)
  }
}
