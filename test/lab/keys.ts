import { randomUUID } from 'node:crypto'
import { apiKeys, type NewApiKey, type Store } from '@latchkey/core'
import { seededRandom } from '@latchkey/testing'

const both = ['payments:read', 'payments:write']
const madeAtMs = Date.UTC(2020, 0, 1)

/** The lab's keys: what stands out about each. */
const cast = {
  alice: {},
  bob: { ownerId: 'bob' },
  reader: { scopes: ['payments:read'] },
  expired: { expiresAt: Date.UTC(2020, 0, 2) },
  revoked: {},
  disabled: {},
  test: { environment: 'test' },
} satisfies Record<string, Partial<NewApiKey>>

export type LabKeys = Readonly<Record<keyof typeof cast, string>>

/**
 * Makes the lab's keys and hands them out. They come of the seed and of a clock in the past, so that labs over one store agree
 * on them, and one of them has expired already: what an application cannot do and should not.
 */
export async function labKeys(store: Store, seed: string = randomUUID()): Promise<LabKeys> {
  const made: Record<string, string> = {}
  for (const [name, traits] of Object.entries(cast)) {
    const random = seededRandom(`${seed}:${name}`)
    const keys = apiKeys({ store, prefix: 'acme', random, now: () => madeAtMs })
    const { key, info } = await keys.issue({ name, ownerId: 'alice', scopes: both, ...traits })
    if (name === 'revoked') await keys.revoke(info.id, 'lost')
    if (name === 'disabled') await keys.disable(info.id)
    made[name] = key
  }
  return made as LabKeys
}
