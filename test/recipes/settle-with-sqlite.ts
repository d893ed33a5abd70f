// settle-with-sqlite.ts
import type { idempotency } from '@latchkey/express'
import type { SqliteStore } from '@latchkey/stores/sqlite'
import type { RequestHandler } from 'express'
import type Database from 'libsql'

type Guard = ReturnType<typeof idempotency>

/** The store was made of the same connection: `sqliteStore({ database })`. */
export function payWithSqlite(database: Database.Database, store: SqliteStore, once: Guard): RequestHandler {
  const insert = database.prepare('INSERT INTO payments (amount) VALUES (?)')
  return (req, res) => {
    const pay = database.transaction(() => {
      const payment = { id: Number(insert.run(req.body.amount).lastInsertRowid) }
      once.grant(req).settleIn(store.transaction(), { status: 201, json: payment })
      return payment
    })
    res.status(201).json(pay.immediate())
  }
}
