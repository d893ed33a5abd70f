import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import { LifeRig } from '../lifecycle/life-rig.js'

describe('what is asked of a key', () => {
  test('may be asked for without a guard', async () => {
    const rig = new LifeRig()
    const { key } = await rig.issue({ scopes: ['payments:read'] })
    const reasonFor = async (requirements: object) => {
      const verification = await rig.keys.verify(key, requirements)
      return verification.isValid ? 'valid' : verification.reason
    }
    expect(
      await reasonFor({ environments: ['live'], scopes: ['payments:read'], anyOf: ['payments:read', 'a:b'] }),
    ).toBe('valid')
    expect(await reasonFor({ environments: ['test'] })).toBe('environment-mismatch')
    expect(await reasonFor({ scopes: ['payments:write'] })).toBe('insufficient-scope')
    expect(await reasonFor({ anyOf: ['payments:write'] })).toBe('insufficient-scope')
  })

  test.each([
    { scope: ['payments:read'] },
    { scopes: 'payments:read' },
    { scopes: ['payments:*'] },
    { scopes: Array(1) },
    { anyOf: [] },
    { environments: [] },
    { environments: 'live' },
    { storeTimeoutSeconds: 0 },
    { failureThrottle: true },
    { failureThrottle: { limit: 0 } },
    { failureThrottle: { max: 3 } },
    null,
  ])('is never misread as nothing: %j', async (requirements) => {
    const rig = new LifeRig()
    const { key } = await rig.issue({ scopes: ['*'] })
    expect(() => rig.keys.verify(key, requirements as never)).toThrow(ConfigurationError)
  })
})
