import { within } from '../../deadline.js'
import type { IdempotencySettings } from '../settings.js'
import type { IdempotencyRecord } from '../store.js'
import type { Holding } from './lease.js'
import { pause } from './pause.js'
import { isFull, type Outcome, write } from './settlement.js'
import { holdsOutcome, type Transacted } from './transacted.js'

/** What became of the transactions in which `settleIn` has written, and of the record. */
export type Conclusion =
  /** One committed, and with it the record. */
  | { readonly kind: 'committed'; readonly transacted: Transacted }
  /** None did, and the record has ended with `outcome` instead. */
  | { readonly kind: 'rolled-back'; readonly outcome: Outcome }
  /** Another attempt has the record. */
  | { readonly kind: 'lost' }
  /** The store could not say within `settleTimeoutSeconds`. Nothing was written, or nothing that a commit could contradict. */
  | { readonly kind: 'unknown'; readonly error: unknown }

const firstPauseMs = 25

/**
 * Asks the store what became of the transactions; where none has committed, ends the record with `otherwise`. Never rejects.
 *
 * A read alone cannot tell that: a transaction that is still committing, its connection lost maybe, reads as if it had not. So the
 * outcome is written, fenced, and that waits for the transaction to end. Then the record is read again, for a settling that
 * finds the record settled under its own token is `ok`, and changes nothing.
 */
export async function conclude(
  settings: IdempotencySettings,
  holding: Holding,
  written: readonly Transacted[],
  otherwise: Outcome,
): Promise<Conclusion> {
  const inquiry = new Inquiry(settings, holding, written, otherwise)
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    try {
      return await inquiry.ask()
    } catch (error) {
      if (inquiry.secondsLeft * 1000 < pauseMs) return { kind: 'unknown', error }
    }
    await pause(pauseMs)
  }
}

/** One request's questions to the store, within one bound of time, asked again from the start when the store fails. */
class Inquiry {
  readonly #settings: IdempotencySettings
  readonly #holding: Holding
  readonly #written: readonly Transacted[]
  readonly #untilMs: number
  #outcome: Outcome
  /** A release whose answer did not come may have been carried out. */
  #isReleaseSent = false

  constructor(settings: IdempotencySettings, holding: Holding, written: readonly Transacted[], outcome: Outcome) {
    this.#settings = settings
    this.#holding = holding
    this.#written = written
    this.#outcome = outcome
    this.#untilMs = performance.now() + settings.settleTimeoutSeconds * 1000
  }

  get secondsLeft(): number {
    return (this.#untilMs - performance.now()) / 1000
  }

  async ask(): Promise<Conclusion> {
    const first = this.#conclusionFrom(await this.#find())
    if (first !== undefined) return first
    const answer = await this.#write()
    if (answer === 'ok' && this.#outcome.kind === 'release') return { kind: 'rolled-back', outcome: this.#outcome }
    return this.#conclusionFrom(await this.#find()) ?? { kind: 'lost' }
  }

  #find() {
    return within(this.secondsLeft, () => this.#settings.store.find(this.#holding.id))
  }

  async #write() {
    this.#isReleaseSent ||= this.#outcome.kind === 'release'
    try {
      return await write(this.#settings, this.#holding, this.#outcome, this.secondsLeft)
    } catch (error) {
      if (this.#outcome.kind === 'settle' && isFull(error)) this.#outcome = this.#outcome.instead()
      throw error
    }
  }

  /** `undefined`: the record is still this attempt's and runs. */
  #conclusionFrom(record: IdempotencyRecord | undefined): Conclusion | undefined {
    const outcome = this.#outcome
    if (record === undefined) return this.#isReleaseSent ? { kind: 'rolled-back', outcome } : { kind: 'lost' }
    if (record.attempt !== this.#holding.attempt) return { kind: 'lost' }
    const transacted = this.#written.find((each) => holdsOutcome(record, each.outcome))
    if (transacted !== undefined) return { kind: 'committed', transacted }
    if (outcome.kind !== 'release' && holdsOutcome(record, outcome)) return { kind: 'rolled-back', outcome }
    return record.state === 'running' || record.state === 'lapsed' ? undefined : { kind: 'lost' }
  }
}
