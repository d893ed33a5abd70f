import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fillRandom } from '../../crypto.js'
import { mintKey } from '../key/grammar.js'
import { scannerPatterns } from './scanner-patterns.js'

const prefix = fc
  .stringMatching(/^[a-z][a-z0-9]{1,5}(_[a-z0-9]{1,4}){0,2}$/)
  .filter((text) => text.length >= 2 && text.length <= 20)

describe('the expression', () => {
  test('is a whole key, under whatever prefix and environment it was minted', () => {
    fc.assert(
      fc.property(fc.array(prefix, { minLength: 1 }), fc.stringMatching(/^[a-z]{2,12}$/), (prefixes, environment) => {
        const whole = new RegExp(`^(?:${scannerPatterns({ prefixes }).regex})$`)
        for (const prefix of prefixes) expect(mintKey(prefix, environment, fillRandom).key).toMatch(whole)
      }),
    )
  })

  test('is for some environments where these are named', () => {
    const { regex } = scannerPatterns({ prefixes: ['acme'] }, { environment: ['live', 'staging'] })
    const [live, test] = ['live', 'test'].map((environment) => mintKey('acme', environment, fillRandom).key)
    expect(live).toMatch(new RegExp(regex))
    expect(test).not.toMatch(new RegExp(regex))
    expect(scannerPatterns({ prefixes: ['acme'] }, { environment: 'live' }).regex).toContain('acme_live_')
  })
})

test('findings are called after the prefix of new keys, or as the application likes', () => {
  expect(scannerPatterns({ prefixes: ['ac_me', 'a_longer_one'] }).name).toBe('ac-me-api-key')
  expect(scannerPatterns({ prefixes: ['acme'] }, { name: 'payments-key' }).gitleaks).toContain('id = "payments-key"')
})

test.each([
  [{ environment: 'Live' }, '"environment" must be'],
  [{ environment: [] }, '"environment" must be'],
  [{ name: 'a"b' }, '"name" must be 1 to 64 of [a-z0-9-]'],
  [{ environments: ['live'] }, 'there is no option "environments"'],
])('an option that does not fit is refused: %j', (options, message) => {
  expect(() => scannerPatterns({ prefixes: ['acme'] }, options as never)).toThrow(message)
})
