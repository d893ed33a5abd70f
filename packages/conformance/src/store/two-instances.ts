import { type ApiKeys, type ApiKeysOptions, apiKeys, type Verification } from '@latchkey/core'
import type { StoreUnderTest } from './opened-store.js'
import type { Trial } from './trial.js'

/** What came of a verification, in a word. */
export type Outcome = 'valid' | Extract<Verification, { isValid: false }>['reason']

export function outcome(verification: Verification): Outcome {
  return verification.isValid ? 'valid' : verification.reason
}

/** What both instances are to say. */
export function both(what: Outcome): readonly Outcome[] {
  return [what, what]
}

type Options = Partial<ApiKeysOptions>

/** Two instances of a service, each with a store of its own on the same data where there can be another, under one clock. */
export class TwoInstances {
  nowMs = 1_790_000_000_000
  readonly first: ApiKeys
  readonly second: ApiKeys
  readonly #one: StoreUnderTest
  readonly #other: StoreUnderTest | undefined

  private constructor(one: StoreUnderTest, other: StoreUnderTest | undefined, options: Options) {
    this.#one = one
    this.#other = other
    this.first = this.#over(one, options)
    this.second = this.#over(other ?? one, options)
  }

  static async on(trial: Trial, run: (two: TwoInstances) => Promise<void>, options: Options = {}): Promise<void> {
    const { store, another } = trial.opened
    const other = await another?.call(trial.opened)
    try {
      const two = new TwoInstances(store, other, options)
      await run(two)
      await two.flush()
    } finally {
      await other?.close?.()
    }
  }

  /** A third one, which is configured in another way. */
  configured(options: Options): ApiKeys {
    return this.#over(this.#other ?? this.#one, options)
  }

  async flush(): Promise<void> {
    await Promise.all([this.first.flush(), this.second.flush()])
  }

  /** What both say of a key. */
  async verify(key: string): Promise<readonly Outcome[]> {
    return [outcome(await this.first.verify(key)), outcome(await this.second.verify(key))]
  }

  #over({ keys, rates }: StoreUnderTest, options: Options): ApiKeys {
    return apiKeys({
      store: { keys: keys!, ...(rates && { rates }) },
      prefix: 'acme',
      now: () => this.nowMs,
      ...options,
    })
  }
}
