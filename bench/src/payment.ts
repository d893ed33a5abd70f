/** The request of about 200 bytes that all idempotent operations here are about, and its answer. */
export const payment = {
  amount: 1999,
  currency: 'EUR',
  source: 'card_1NkXo2eZvKYlo2C',
  description: 'Order 4711, two cups and a saucer, to be sent before Friday',
  customer: 'cus_9s6XKzkNRiz8i3',
  metadata: { order: '4711', shop: 'north' },
} as const

export const paymentText = JSON.stringify(payment)
export const paymentBytes = Buffer.from(paymentText)

export const receipt = { id: 'pay_1', status: 'succeeded', ...payment } as const
export const receiptBytes = Buffer.from(JSON.stringify(receipt))
