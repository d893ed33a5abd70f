import { StoreError } from '@latchkey/core'
import type { Deadline } from '../deadlines.js'
import type { Command, Link, Sent } from './link.js'

/** How many replicas have to have a write before it counts. */
export interface ReplicaOptions {
  /** 1 to 100. */
  readonly count: number
  /**
   * How long one `WAIT` may take, in seconds, 0.01 to 10: within the time that guards give a claim.
   *
   * @defaultValue `0.5`
   */
  readonly timeoutSeconds?: number
}

interface Waiting extends Required<Sent> {
  readonly settle: (outcome: PromiseSettledResult<unknown>) => void
}

/**
 * Writes go out in rounds, each with one `WAIT` behind it on the same connection; while a round is under way the next one
 * gathers. A `WAIT` of its own for each write would hold up the connection for all that follow, one after the other.
 */
export class Replicas {
  readonly #together: NonNullable<Link['together']>
  readonly #count: number
  readonly #wait: Command
  #gathered: Waiting[] = []
  #isUnderWay = false

  constructor(together: NonNullable<Link['together']>, { count, timeoutSeconds = 0.5 }: ReplicaOptions) {
    this.#together = together
    this.#count = count
    this.#wait = ['WAIT', String(count), String(Math.ceil(timeoutSeconds * 1000))]
  }

  /**
   * The reply to a write that as many replicas have acknowledged.
   *
   * @throws `StoreError` where they are too few. The master has carried the write out all the same.
   */
  send(command: Command, deadline: Deadline): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: PromiseSettledResult<unknown>): void =>
        outcome.status === 'fulfilled' ? resolve(outcome.value) : reject(outcome.reason)
      this.#gathered.push({ command, deadline, settle })
      // Who writes in the same turn goes along.
      if (!this.#isUnderWay) {
        this.#isUnderWay = true
        queueMicrotask(() => void this.#goOn())
      }
    })
  }

  async #goOn(): Promise<void> {
    while (this.#gathered.length > 0) await this.#round(this.#gathered.splice(0))
    this.#isUnderWay = false
  }

  async #round(round: readonly Waiting[]): Promise<void> {
    for (const { deadline, settle } of round) if (deadline.reason !== undefined) settle(failed(deadline.reason))
    const wanted = round.filter(({ deadline }) => deadline.reason === undefined)
    const last = wanted.at(-1)
    if (last === undefined) return
    const settled = this.#together([...wanted, { command: this.#wait }]).then(
      (outcomes) => {
        for (const [index, { settle }] of wanted.entries()) settle(this.#outcomeOf(outcomes[index], outcomes.at(-1)))
      },
      (error: unknown) => {
        for (const { settle } of wanted) settle(failed(error))
      },
    )
    // A connection that stands still holds the next round up for as long as somebody waits, and no longer.
    await Promise.race([settled, over(last.deadline)])
  }

  #outcomeOf(
    outcome: PromiseSettledResult<unknown> | undefined,
    acknowledged: PromiseSettledResult<unknown> | undefined,
  ): PromiseSettledResult<unknown> {
    if (outcome?.status !== 'fulfilled') return outcome ?? failed(new Error('no reply'))
    if (acknowledged?.status !== 'fulfilled') return acknowledged ?? failed(new Error('no reply'))
    const count = Number(acknowledged.value)
    if (count >= this.#count) return outcome
    const message = `Redis has too few replicas: ${count} of ${this.#count} have acknowledged a write`
    return failed(new StoreError('unavailable', message))
  }
}

function over(deadline: Deadline): Promise<void> {
  return new Promise((resolve) => deadline.onOver(resolve))
}

function failed(reason: unknown): PromiseRejectedResult {
  return { status: 'rejected', reason }
}
