/** The application's own part: payments in a SQLite table, and the bank. */
import type Database from 'libsql'

export interface Payment {
  readonly id: string
  readonly amount: number
  readonly currency: string
  readonly status: 'pending' | 'settled' | 'refunded'
}

export interface PaymentOrder {
  readonly amount: number
  readonly currency: string
  /** `tok_slow` takes three seconds, `tok_declined` is declined, anything else is charged at once. */
  readonly source: string
}

/** What a request body orders, or `undefined` where it is no order. */
export function paymentOrder(body: unknown): PaymentOrder | undefined {
  const { amount, currency, source = 'tok_visa' } = (body ?? {}) as Record<string, unknown>
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount) || amount <= 0) return undefined
  if (typeof currency !== 'string' || !/^[a-z]{3}$/.test(currency) || typeof source !== 'string') return undefined
  return { amount, currency, source }
}

export interface Bank {
  /** Charges the source. A real bank takes an idempotency key too, so that it recognises a charge that is repeated. */
  charge(order: PaymentOrder, idempotencyKey: string): Promise<'charged' | 'declined'>
}

/** A bank that is slow or says no when it is asked to. */
export const demoBank: Bank = {
  charge: async ({ source }) => {
    if (source === 'tok_slow') await new Promise((resolve) => setTimeout(resolve, 3000))
    return source === 'tok_declined' ? 'declined' : 'charged'
  },
}

export interface Payments {
  /** Adds the payment, once: a second call with the same id, after a crash, finds what the first has left. */
  create(id: string, ownerId: string, order: PaymentOrder): Payment
  find(id: string, ownerId: string): Payment | undefined
  list(ownerId: string): Payment[]
  refund(id: string, ownerId: string): Payment | undefined
  /** Told by the bank's webhook. */
  settle(id: string): void
}

export function paymentsIn(database: Database.Database): Payments {
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
    find,
    create: (id, ownerId, { amount, currency }) => {
      insert.run(id, ownerId, amount, currency)
      return find(id, ownerId)!
    },
    list: (ownerId) => (all.all(ownerId) as Payment[]).map((row) => paymentOf(row)!),
    refund: (id, ownerId) => {
      refunded.run(id, ownerId)
      return find(id, ownerId)
    },
    settle: (id) => {
      settled.run(id)
    },
  }
}

/** The columns alone: libsql adds a member of its own to a row. */
function paymentOf(row: Payment | undefined): Payment | undefined {
  return row && { id: row.id, amount: row.amount, currency: row.currency, status: row.status }
}
