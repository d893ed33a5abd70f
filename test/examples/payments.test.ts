import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { frameworks, openExample, order } from './payments-api.js'

let api: Awaited<ReturnType<typeof openExample>>
afterEach(() => api.close())

describe.each(frameworks)('the payments example on %s', (framework) => {
  beforeEach(async () => {
    api = await openExample(framework)
  })

  it('creates a payment, and tells where it is', async () => {
    const created = await api.pay('a')
    expect(created.status).toBe(201)
    expect(created.body).toEqual({ id: expect.stringMatching(/^pay_/), ...order, status: 'pending' })
    const fetched = await api.get(created.get('Location')!)
    expect(fetched.status).toBe(200)
    expect(fetched.body).toEqual(created.body)
  })

  it('lists the payments of the caller, the last one first', async () => {
    const [first, second] = [await api.pay('a'), await api.pay('b')]
    expect((await api.get('/v1/payments')).body).toEqual({ payments: [second.body, first.body] })
    expect((await api.get('/v1/payments', api.stranger)).body).toEqual({ payments: [] })
  })

  it('refunds a payment', async () => {
    const { body: payment } = await api.pay('a')
    const refunded = await api.refund(payment.id, 'b')
    expect(refunded.status).toBe(201)
    expect(refunded.body).toEqual({ ...payment, status: 'refunded' })
    expect((await api.refund('pay_nobody', 'c')).status).toBe(404)
  })

  it('asks for an API key', async () => {
    for (const answer of [await api.pay('a', order, null), await api.get('/v1/payments', null)]) {
      expect(answer.status).toBe(401)
      expect(answer.get('WWW-Authenticate')).toBeDefined()
      expect(answer.body.code).toBe('api-key-missing')
    }
    expect(api.bank.charge).not.toHaveBeenCalled()
  })

  it('lets a key that may only read do nothing else', async () => {
    const { body: payment } = await api.pay('a')
    expect((await api.pay('b', order, api.reader)).status).toBe(403)
    expect((await api.refund(payment.id, 'c', api.reader)).status).toBe(403)
    const fetched = await api.get(`/v1/payments/${payment.id}`, api.reader)
    expect(fetched.status).toBe(200)
    expect(fetched.body.status).toBe('pending')
    expect((await api.get('/v1/payments', api.reader)).status).toBe(200)
  })

  it("hides a payment from everyone but its owner, whose idempotency keys are the owner's own", async () => {
    const { body: payment } = await api.pay('a')
    expect((await api.get(`/v1/payments/${payment.id}`, api.stranger)).status).toBe(404)
    expect((await api.refund(payment.id, 'b', api.stranger)).status).toBe(404)
    expect((await api.get(`/v1/payments/${payment.id}`)).body).toEqual(payment)
    const theirs = await api.pay('a', order, api.stranger)
    expect(theirs.status).toBe(201)
    expect(theirs.body.id).not.toBe(payment.id)
  })

  it('replays a reply to the byte, and charges once', async () => {
    const [first, second] = [await api.pay('a'), await api.pay('a')]
    expect(first.get('Idempotent-Replayed')).toBeUndefined()
    expect(second.status).toBe(first.status)
    expect(second.text).toBe(first.text)
    expect({ ...second.headers, date: '' }).toEqual({ ...first.headers, 'idempotent-replayed': 'true', date: '' })
    expect(api.bank.charge).toHaveBeenCalledOnce()
    expect((await api.get('/v1/payments')).body.payments).toHaveLength(1)
  })

  it('answers a retry that comes too early that the first request still runs', async () => {
    const { asked, answer } = holdTheBank()
    const first = api.pay('a').then((response) => response)
    await asked
    const early = await api.pay('a')
    expect(early.status).toBe(409)
    expect(early.get('Retry-After')).toMatch(/^[1-9]\d*$/)
    expect(early.body.code).toBe('idempotency-in-progress')
    answer('charged')
    const { status, text } = await first
    expect(status).toBe(201)
    const late = await api.pay('a')
    expect([late.status, late.text, late.get('Idempotent-Replayed')]).toEqual([201, text, 'true'])
    expect(api.bank.charge).toHaveBeenCalledOnce()
  })

  it('refuses a key that comes again with another order', async () => {
    await api.pay('a')
    const other = await api.pay('a', { ...order, amount: 9900 })
    expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused'])
    expect(api.bank.charge).toHaveBeenCalledOnce()
  })

  it.each([
    ['no', null, 'idempotency-key-missing'],
    ['a broken', '"half a quote', 'idempotency-key-invalid'],
  ])('refuses %s idempotency key', async (_which, key, code) => {
    const refused = await api.pay(key)
    expect([refused.status, refused.body.code]).toEqual([400, code])
    expect(api.bank.charge).not.toHaveBeenCalled()
  })

  it.each([{}, { ...order, amount: 0 }, { ...order, amount: '12' }, { amount: 5, currency: 'euro' }])(
    'refuses the order %j, again when it comes again',
    async (body) => {
      const [first, second] = [await api.pay('a', body), await api.pay('a', body)]
      expect([first.status, first.body]).toEqual([422, { error: 'amount and currency are required' }])
      expect([second.status, second.text, second.get('Idempotent-Replayed')]).toEqual([422, first.text, 'true'])
      expect(api.bank.charge).not.toHaveBeenCalled()
    },
  )

  it('asks the bank no second time about a card that was declined', async () => {
    const declined = { ...order, source: 'tok_declined' }
    const [first, second] = [await api.pay('a', declined), await api.pay('a', declined)]
    expect([first.status, second.status]).toEqual([402, 402])
    expect([second.text, second.get('Idempotent-Replayed')]).toEqual([first.text, 'true'])
    expect(api.bank.charge).toHaveBeenCalledOnce()
    expect((await api.get('/v1/payments')).body.payments).toEqual([])
  })

  it.each([
    ['EXCLUSIVE', 'api-key-store-unavailable'],
    ['IMMEDIATE', 'idempotency-store-unavailable'],
  ] as const)('creates nothing while another connection has begun %s', async (kind, code) => {
    const refused = await api.whileLocked(kind, () => api.pay('a'))
    expect([refused.status, refused.body.code]).toEqual([503, code])
    expect(refused.get('Retry-After')).toMatch(/^[1-9]\d*$/)
    expect(api.bank.charge).not.toHaveBeenCalled()
    expect((await api.get('/v1/payments')).body.payments).toEqual([])
    expect((await api.pay('a')).status).toBe(201)
  })

  it('hands the bank the same key when a request runs a second time, and leaves one payment', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue()
    api.bank.charge.mockRejectedValueOnce(new Error('the bank does not answer'))
    expect((await api.pay('a')).status).toBe(500)
    log.mockRestore()
    expect((await api.pay('a')).status).toBe(201)
    const [[, first], [, second]] = api.bank.charge.mock.calls as [[object, string], [object, string]]
    expect(second).toBe(first)
    expect((await api.get('/v1/payments')).body.payments).toHaveLength(1)
  })

  it('settles a payment when the bank says so, once', async () => {
    const { body: payment } = await api.pay('a')
    const event = { type: 'payment.settled', paymentId: payment.id }
    expect((await api.webhook('msg_1', event)).status).toBe(204)
    expect((await api.get(`/v1/payments/${payment.id}`)).body.status).toBe('settled')
    const again = await api.webhook('msg_1', event)
    expect([again.status, again.body.code]).toEqual([409, 'signature-replayed'])
  })

  it('believes no webhook that the bank has not signed', async () => {
    const { body: payment } = await api.pay('a')
    const event = { type: 'payment.settled', paymentId: payment.id }
    const forged = await api.webhook('msg_1', event, { ...event, paymentId: 'pay_another' })
    expect([forged.status, forged.body.code]).toEqual([401, 'signature-invalid'])
    expect((await api.get(`/v1/payments/${payment.id}`)).body.status).toBe('pending')
  })
})

/** Lets the bank keep the next charge waiting: `asked` once it has begun, until `answer` is called. */
function holdTheBank() {
  let answer!: (outcome: 'charged') => void
  const asked = new Promise<void>((begun) => {
    api.bank.charge.mockImplementationOnce(() => {
      begun()
      return new Promise((resolve) => {
        answer = resolve
      })
    })
  })
  return { asked, answer: (outcome: 'charged') => answer(outcome) }
}
