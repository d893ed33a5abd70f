// settle-with-kysely.ts
import type { idempotency } from '@latchkey/express'
import type { PostgresStore, TransactionQuery } from '@latchkey/stores/postgres'
import type { RequestHandler } from 'express'
import { CompiledQuery, type Generated, type Kysely, type Transaction } from 'kysely'

export interface Tables {
  payments: { id: Generated<number>; amount: number }
}

const within = (trx: Transaction<Tables>): TransactionQuery => {
  return async (text, values) => (await trx.executeQuery<object>(CompiledQuery.raw(text, [...values]))).rows
}

type Guard = ReturnType<typeof idempotency>

export function payWithKysely(db: Kysely<Tables>, store: PostgresStore, once: Guard): RequestHandler {
  return async (req, res) => {
    const payment = await db.transaction().execute(async (trx) => {
      const { amount } = req.body
      const inserted = await trx.insertInto('payments').values({ amount }).returning('id').executeTakeFirstOrThrow()
      await once.grant(req).settleIn(store.transaction(within(trx)), { status: 201, json: inserted })
      return inserted
    })
    res.status(201).json(payment)
  }
}
