import { sign, standardWebhooks } from '@latchkey/core'

/** One request to try: printed as a curl line, or sent by the tour. */
export interface DemoRequest {
  readonly title: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Sent twice at once: one of the two runs, the other is in conflict. */
  readonly isSentTwice?: true
}

export interface DemoSecrets {
  readonly writer: string
  readonly reader: string
  readonly webhookSecret: string
  /** Makes the idempotency keys and message ids of this run its own. */
  readonly run: string
}

/** The requests that show what the guards do, in the order in which they make sense. */
export function demoRequests({ writer, reader, webhookSecret, run }: DemoSecrets): DemoRequest[] {
  const json = { 'content-type': 'application/json' }
  const payments = { method: 'POST', path: '/v1/payments' } as const
  const order = JSON.stringify({ amount: 1200, currency: 'eur' })
  const as = (key: string) => ({ authorization: `Bearer ${key}` })
  const once = (key: string) => ({ ...as(writer), ...json, 'idempotency-key': `${key}-${run}` })

  const event = JSON.stringify({ type: 'payment.settled', paymentId: 'pay_1' })
  const bank = { method: 'POST', path: '/webhooks/bank', body: event } as const
  const signed = sign(standardWebhooks, { id: `msg_${run}`, body: event }, webhookSecret)

  return [
    { title: 'no key: refused', ...payments, headers: json, body: order },
    {
      title: 'a key that may only read: refused',
      ...payments,
      headers: { ...once('order-1'), ...as(reader) },
      body: order,
    },
    { title: 'accepted', ...payments, headers: once('order-1'), body: order },
    { title: 'the same again: replayed', ...payments, headers: once('order-1'), body: order },
    {
      title: 'the same key with another body: refused',
      ...payments,
      headers: once('order-1'),
      body: JSON.stringify({ amount: 9900, currency: 'eur' }),
    },
    { title: 'no idempotency key: refused', ...payments, headers: { ...as(writer), ...json }, body: order },
    {
      title: 'a broken idempotency key: refused',
      ...payments,
      headers: { ...once('"half a quote'), ...as(writer) },
      body: order,
    },
    {
      title: 'in conflict: the bank is slow, and the retry comes too early',
      ...payments,
      headers: once('order-2'),
      body: JSON.stringify({ amount: 1200, currency: 'eur', source: 'tok_slow' }),
      isSentTwice: true,
    },
    { title: 'the list, with the key that may only read', method: 'GET', path: '/v1/payments', headers: as(reader) },
    {
      title: 'a forgotten password: the server prints the mail with the link',
      method: 'POST',
      path: '/password-resets',
      headers: json,
      body: JSON.stringify({ email: 'demo@example.com' }),
    },
    {
      title: 'a forged webhook: refused',
      ...bank,
      headers: { ...json, ...signed },
      body: event.replace('pay_1', 'pay_2'),
    },
    { title: 'the webhook as the bank signed it: accepted', ...bank, headers: { ...json, ...signed } },
    { title: 'the same webhook again: refused, it was handled', ...bank, headers: { ...json, ...signed } },
  ]
}

/** The request as a line to paste into a shell. */
export function curl(url: string, { method, path, headers, body, isSentTwice }: DemoRequest): string {
  const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const parts = ['curl -i', method === 'GET' ? '' : `-X ${method}`, url + path]
  for (const [name, value] of Object.entries(headers)) parts.push('-H', quote(`${name}: ${value}`))
  if (body !== undefined) parts.push('-d', quote(body))
  const line = parts.filter((part) => part !== '').join(' ')
  return isSentTwice ? `${line} & sleep 1; ${line}; wait` : line
}
