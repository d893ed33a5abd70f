import { type ApiKeys, apiKeys, type HasKeyStore, type IssuedApiKey } from '@latchkey/core'
import { vi } from 'vitest'

/** API keys with a cache whose records outlive every test: what changes in it was heard. */
export class CachedKeys {
  readonly keys: ApiKeys
  /** All that the store was told of, in order. */
  readonly told: (string | undefined)[] = []
  readonly errors: unknown[] = []
  readonly #find: { readonly mock: { readonly calls: readonly unknown[] } }
  #isHearing = false

  constructor(store: HasKeyStore) {
    this.#find = vi.spyOn(store.keys, 'find')
    this.keys = apiKeys({ store, prefix: 'acme', cache: { ttlSeconds: 60 } })
    store.keys.watch({
      changed: (id) => this.told.push(id),
      heard: () => {
        this.#isHearing = true
      },
      lost: (error) => {
        this.#isHearing = false
        this.errors.push(error)
      },
    })
  }

  async untilHeard(): Promise<void> {
    await until(() => this.#isHearing)
  }

  async untilLost(): Promise<void> {
    await until(() => !this.#isHearing)
  }

  /** A key whose record is kept. */
  async issue(): Promise<IssuedApiKey> {
    const issued = await this.keys.issue({ ownerId: 'alice', scopes: ['a:b'] })
    await this.keys.verify(issued.key)
    // Its use is written beside the verification.
    await this.keys.flush()
    return issued
  }

  async reasonFor({ key }: IssuedApiKey): Promise<string> {
    const verification = await this.keys.verify(key)
    return verification.isValid ? 'valid' : verification.reason
  }

  async untilRefused(issued: IssuedApiKey, reason: string): Promise<void> {
    await until(async () => (await this.reasonFor(issued)) === reason)
  }

  /** Waits until the key's record is kept: on a machine that stands still for seconds a subscription is given up and made anew. */
  async untilKept(issued: IssuedApiKey): Promise<void> {
    await until(async () => (await this.readsOf(issued)) === 0)
  }

  /** How many reads two verifications in a row take: none where the record is kept. */
  async readsOf({ key }: IssuedApiKey): Promise<number> {
    const before = this.#find.mock.calls.length
    for (let time = 0; time < 2; time++) await this.keys.verify(key)
    return this.#find.mock.calls.length - before
  }
}

/** Waits for the condition, and fails after half the time that a cached record would serve. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`it did not come about: ${isSo}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
