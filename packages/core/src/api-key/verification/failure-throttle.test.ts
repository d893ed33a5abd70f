import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { forgedKey, inField } from '../guard-rig.js'
import { CheckRig, strangersKey } from './check-rig.test.kit.js'

const failureThrottle = { limit: 3, windowSeconds: 60 }

async function fail(rig: CheckRig, times: number, remoteAddress = '192.0.2.1'): Promise<string[]> {
  const codes: string[] = []
  for (let time = 0; time < times; time++) codes.push(await rig.outcome(strangersKey(), { remoteAddress }))
  return codes
}

describe('a source that has failed too often', () => {
  test('gets 429 until its window ends, without a call of the store', async () => {
    const rig = new CheckRig({ failureThrottle })
    expect(await fail(rig, 3)).toEqual(Array(3).fill('api-key-invalid'))
    const reads = rig.count('find')
    rig.advance(0.5)
    const { status, code, fields, text, challenge } = await rig.refused(strangersKey())
    expect([status, code, challenge]).toEqual([429, 'too-many-failed-attempts', undefined])
    expect([fields['retry-after'], JSON.parse(text).retryable, fields.ratelimit]).toEqual(['60', true, undefined])
    expect(rig.count('find')).toBe(reads)
    expect(rig.told.at(-1)).toMatchObject({ reason: 'too-many-failures' })
    rig.advance(59.5)
    expect(await fail(rig, 1)).toEqual(['api-key-invalid'])
  })

  test('does not hold up another source', async () => {
    const rig = new CheckRig({ failureThrottle })
    const { key } = await rig.issue()
    await fail(rig, 4)
    expect(await rig.outcome(key, { remoteAddress: '192.0.2.2' })).toBe('ok')
    expect(await rig.outcome(key)).toBe('ok')
  })

  test('is a /64 of IPv6, with any zone, and an IPv4 address however it is written', async () => {
    const rig = new CheckRig({ failureThrottle })
    for (const last of ['1', '2', '3%eth0']) await fail(rig, 1, `2001:db8:0:1::${last}`)
    expect(await fail(rig, 1, '2001:db8:0:1:ffff::1')).toEqual(['too-many-failed-attempts'])
    expect(await fail(rig, 1, '2001:db8:0:2::1')).toEqual(['api-key-invalid'])
    for (const address of ['192.0.2.9', '::ffff:192.0.2.9', '::ffff:c000:209']) await fail(rig, 1, address)
    expect(await fail(rig, 1, '192.0.2.9')).toEqual(['too-many-failed-attempts'])
  })

  test('is nobody whose address is unknown: all of them would be one', async () => {
    const rig = new CheckRig({ failureThrottle })
    for (let time = 0; time < 9; time++) {
      expect(await rig.outcome(strangersKey(), { remoteAddress: undefined })).toBe('api-key-invalid')
    }
  })

  test('is the same for every guard of the same keys', async () => {
    const rig = new CheckRig({ failureThrottle })
    await fail(rig, 3)
    expect(await rig.outcome(strangersKey(), {}, { scopes: ['a:b'] })).toBe('too-many-failed-attempts')
  })

  test('is held off by default after three hundred, and never where the guard is told so', async () => {
    const rig = new CheckRig()
    const codes = await fail(rig, 301)
    expect(codes.indexOf('too-many-failed-attempts')).toBe(300)
    expect(await rig.outcome(strangersKey(), {}, { failureThrottle: false })).toBe('api-key-invalid')
  })
})

describe('strangers behind one address', () => {
  test('do not lock out a holder in use, and their forgeries of its key get nowhere', async () => {
    const rig = new CheckRig({ failureThrottle })
    const { key } = await rig.issue()
    const other = await rig.issue()
    expect(await rig.outcome(key)).toBe('ok')
    await fail(rig, 3)
    expect(await rig.outcome(key)).toBe('ok')
    expect(await rig.outcome('', inField(key))).toBe('ok')
    expect(await rig.outcome(other.key)).toBe('too-many-failed-attempts')
    rig.advance(60)
    expect(await rig.outcome(other.key)).toBe('ok')
  })

  test('do not keep alive what has been revoked: the key goes on to the store', async () => {
    const rig = new CheckRig({ failureThrottle })
    const { key, info } = await rig.issue()
    await rig.ask(key)
    await fail(rig, 3)
    await rig.keys.revoke(info.id)
    expect(await rig.outcome(key)).toBe('api-key-revoked')
  })

  test('leave nothing of a key in what is remembered', async () => {
    const rig = new CheckRig({ failureThrottle })
    const { key } = await rig.issue()
    await rig.ask(key)
    await fail(rig, 4)
    expect(JSON.stringify(rig.told)).not.toContain(key.slice(-49))
  })
})

describe('what is no failure of a source', () => {
  test('is a key that is missing, malformed, foreign, in two places, or right', async () => {
    const rig = new CheckRig({ failureThrottle })
    const live = await rig.issue({ rateLimit: { limit: 1, windowSeconds: 1 }, allowedIps: ['192.0.2.1'] })
    const revoked = await rig.issue()
    await rig.keys.revoke(revoked.info.id)
    const disabled = await rig.issue()
    await rig.keys.disable(disabled.info.id)
    const expired = await rig.issue({ expiresAt: rig.nowMs + 1 })
    rig.advance(1)
    for (let time = 0; time < 5; time++) {
      expect(await rig.outcome('', { headers: {} })).toBe('api-key-missing')
      expect(await rig.outcome(`${live.key.slice(0, -1)}!`)).toBe('api-key-invalid')
      expect(await rig.outcome('e30.e30.c2ln')).toBe('api-key-invalid')
      const twice = { headers: { Authorization: `Bearer ${live.key}`, 'X-API-Key': live.key } }
      expect(await rig.outcome('', twice)).toBe('api-key-ambiguous')
      expect(await rig.outcome(revoked.key)).toBe('api-key-revoked')
      expect(await rig.outcome(disabled.key)).toBe('api-key-disabled')
      expect(await rig.outcome(expired.key)).toBe('api-key-expired')
      expect(await rig.outcome(live.key, {}, { environment: 'test' })).toBe('api-key-environment-mismatch')
      await rig.outcome(live.key, {}, { scopes: ['a:b'] })
    }
    expect(await fail(rig, 1)).toEqual(['api-key-invalid'])
  })

  test('is a store that is down', async () => {
    const rig = new CheckRig({ failureThrottle })
    rig.fail('find')
    expect(await fail(rig, 5)).toEqual(Array(5).fill('api-key-store-unavailable'))
    rig.fail('find', false)
    expect(await fail(rig, 1)).toEqual(['api-key-invalid'])
  })
})

test('a wrong secret counts as an unknown id does', async () => {
  const rig = new CheckRig({ failureThrottle })
  const { info } = await rig.issue()
  for (let time = 0; time < 3; time++) expect(await rig.outcome(forgedKey(info.id, 'live'))).toBe('api-key-invalid')
  expect(await rig.outcome(forgedKey(info.id, 'live'))).toBe('too-many-failed-attempts')
  expect(rig.told.map((event) => 'reason' in event && event.reason)).toEqual([
    ...Array(3).fill('wrong-secret'),
    'too-many-failures',
  ])
})

test('a hundred thousand distinct bad keys grow nothing, and cost no read beyond the limit', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const rig = new CheckRig()
  const attempt = async (times: number) => {
    for (let time = 0; time < times; time++) {
      await rig.keys.verify(strangersKey(), { failureThrottle: { limit: 300 } }, { remoteAddress: '192.0.2.1' })
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await attempt(1000)
  const after = await attempt(100_000)
  expect(rig.count('find')).toBe(300)
  expect(after - before).toBeLessThan(4_000_000)
})
