import { type ApiKeys, type ApiKeysOptions, apiKeys, memoryStore } from '@latchkey/core'
import { seededRandom } from './seeded-random.js'

/** Options of `testKeys`: those of `apiKeys`, none of which is required, and a seed. */
export interface TestKeysOptions extends Partial<Omit<ApiKeysOptions, 'random'>> {
  /** What ids and secrets are drawn from: other seeds make other keys. @defaultValue `'latchkey'` */
  readonly seed?: string
}

/**
 * API keys that are the same in every run: the first one issued is always this one, and so on. In memory and under the prefix
 * `acme` unless the options say otherwise.
 *
 * @remarks Insecure if a server outside of tests uses them: anybody can make the same keys.
 *
 * @example
 * ```ts
 * import { testClock, testKeys } from '@latchkey/testing'
 *
 * const clock = testClock()
 * const keys = testKeys({ now: clock.now })
 * const { key } = await keys.issue({ ownerId: 'org_1', expiresAt: clock.now() + 60_000 })
 * clock.advanceSeconds(60) // now it is refused as expired
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function testKeys<Scope extends string = string>(options: TestKeysOptions = {}): ApiKeys<Scope> {
  const { seed = 'latchkey', ...rest } = options
  const store = rest.store ?? memoryStore(rest.now === undefined ? {} : { now: rest.now })
  return apiKeys({ prefix: 'acme', ...rest, store, random: seededRandom(seed) })
}
