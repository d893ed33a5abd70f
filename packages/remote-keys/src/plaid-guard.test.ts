import { ConfigurationError, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { tokenOf } from './jwt-keys.test.kit.js'
import { ask, requestOf } from './key-host.test.kit.js'
import { type PlaidOptions, plaid } from './plaid.js'
import { body, host, iat, signed } from './plaid.test.kit.js'

describe('the guard', () => {
  const guardWith = (more: Partial<PlaidOptions> = {}) => {
    const made = host()
    return { ...made, guard: plaid({ ...made.options, store: memoryStore(), ...more }) }
  }

  test('knows a message by its token: the same body with another one is another event', async () => {
    const { guard } = guardWith()
    const first = await ask(guard, requestOf(signed(), body))
    await first.settled?.(200)
    const headers = signed({ claims: { iat: iat - 1 } })
    const passed = await ask(guard, requestOf(headers, body))
    expect(passed).toHaveProperty('grant')
    await passed.settled?.(200)
    expect(await ask(guard, requestOf(headers, body))).toMatchObject({ status: 409 })
  })

  test('takes no second signature over the same token for another message', async () => {
    const { guard } = guardWith()
    const headers = signed()
    const passed = await ask(guard, requestOf(headers, body))
    await passed.settled?.(200)
    // Of an ECDSA signature (r, s) the other one is (r, n - s).
    const [header, claims, signature = ''] = headers['plaid-verification'].split('.')
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const bytes = Buffer.from(signature, 'base64url')
    const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
    const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
    const twinned = { 'plaid-verification': `${header}.${claims}.${twin.toString('base64url')}` }
    expect(await ask(guard, requestOf(twinned, body))).toMatchObject({ status: 409 })
  })

  test('reads no body before the token is right', async () => {
    const { guard } = guardWith()
    const request = requestOf(signed({ claims: { iat: iat - 1000 } }), body)
    expect(await ask(guard, request)).toMatchObject({ status: 401 })
    expect(request.body).not.toHaveBeenCalled()
  })

  test('answers 503 while Plaid cannot say, and after ten thousand key ids asks for thirty a minute', async () => {
    const { guard, fetch, state } = guardWith()
    Object.assign(state, { error: {}, status: 500 })
    expect(await ask(guard, requestOf(signed(), body))).toMatchObject({ status: 503 })
    Object.assign(state, { error: undefined })
    const statuses = new Map<number | undefined, number>()
    for (let index = 0; index < 10_000; index++) {
      const { status } = await ask(
        guard,
        requestOf({ 'plaid-verification': tokenOf({ alg: 'ES256', kid: `k${index}` }, '{}') }, body),
      )
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    expect(fetch).toHaveBeenCalledTimes(30)
    expect([...statuses]).toEqual([
      [401, 29],
      [503, 9971],
    ])
  })
})

test.each<[string, object]>([
  ['clientId', { clientId: '' }],
  ['secret', { secret: undefined }],
  ['environment', { environment: 'development' }],
  ['keyHost', { keyHost: 1 }],
])('an impossible %s is refused, and no secret is shown', (name, wrong) => {
  const make = () => plaid({ ...host().options, store: memoryStore(), ...wrong } as PlaidOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(new RegExp(name))
  expect(make).not.toThrow(/hush/)
})
