/** The application's own part: payments, and the bank. */
export { sqlitePayments } from './sqlite-payments.js'
export { openStorage } from './storage.js'

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
  create(id: string, ownerId: string, order: PaymentOrder): Promise<Payment>
  find(id: string, ownerId: string): Promise<Payment | undefined>
  list(ownerId: string): Promise<Payment[]>
  refund(id: string, ownerId: string): Promise<Payment | undefined>
  /** Told by the bank's webhook. */
  settle(id: string): Promise<void>
}
