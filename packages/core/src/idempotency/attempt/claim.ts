import { isPromise, within } from '../../deadline.js'
import { StoreError } from '../../errors.js'
import type { Awaitable } from '../../guard.js'
import type { IdempotencySettings } from '../settings.js'
import type { Claim, ClaimRequest } from '../store.js'

/** The store could not be asked, or did not answer in time. */
export interface FailedClaim {
  readonly outcome: 'failed'
  readonly error: unknown
}

/** Most clean-ups under way at once while no answer has come; a store that is down must not collect them. */
const maxOrphanReleases = 100

/** Asks the store for claims, within one time budget each, and cleans up behind those whose answer never came. */
export class ClaimDesk {
  readonly #settings: IdempotencySettings
  #orphanReleases = 0

  constructor(settings: IdempotencySettings) {
    this.#settings = settings
  }

  /** Never rejects. A store that answers at once is answered for at once. */
  ask(request: ClaimRequest): Awaitable<Claim | FailedClaim> {
    const asked = new AskedClaim(request, this.#settings)
    try {
      const answer = asked.ask()
      return isPromise(answer) ? answer.then(undefined, (error: unknown) => this.#askAgain(asked, error)) : answer
    } catch (error) {
      return this.#askAgain(asked, error)
    }
  }

  /**
   * Once more under the same token: if the first claim was carried out and only its answer was lost, the store recognises
   * it. Not after a timeout: the budget is spent.
   */
  async #askAgain(asked: AskedClaim, fault: unknown): Promise<Claim | FailedClaim> {
    let error = fault
    if (isWorthAskingAgain(error) && asked.secondsLeft() > 0) {
      try {
        return await asked.ask()
      } catch (again) {
        error = again
      }
    }
    if (!isRefusalOfStore(error)) this.#releaseOrphan(asked)
    return { outcome: 'failed', error }
  }

  /**
   * A claim whose answer is missing may have been carried out, or may be yet: it would block the key until its lease ends.
   * Released now and, if an answer comes after all, once more. The token fences both: nobody else's claim is touched.
   */
  #releaseOrphan({ request, answers }: AskedClaim): void {
    if (this.#orphanReleases < maxOrphanReleases) this.#release(request)
    // A store that answers is there again: what it is asked now is as bounded as the claims that it was asked before.
    for (const answer of answers) {
      answer.then(
        (claim) => claim?.outcome === 'claimed' && this.#release(request),
        () => undefined,
      )
    }
  }

  #release({ id, token }: ClaimRequest): void {
    this.#orphanReleases++
    const done = (): void => {
      this.#orphanReleases--
    }
    const { store, settleTimeoutSeconds } = this.#settings
    Promise.resolve()
      .then(() => within(settleTimeoutSeconds, () => store.release(id, token)))
      .then(done, done)
  }
}

/** One claim and the answers of the store that are still on their way. */
class AskedClaim {
  readonly request: ClaimRequest
  readonly answers: PromiseLike<Claim>[] = []
  readonly #settings: IdempotencySettings
  readonly #startedAtMs = performance.now()

  constructor(request: ClaimRequest, settings: IdempotencySettings) {
    this.request = request
    this.#settings = settings
  }

  secondsLeft(): number {
    return this.#settings.storeTimeoutSeconds - (performance.now() - this.#startedAtMs) / 1000
  }

  ask(): Awaitable<Claim> {
    const answer = within(this.secondsLeft(), () => {
      const asked = this.#settings.store.claim(this.request)
      if (isPromise(asked)) this.answers.push(asked)
      return asked
    })
    return isPromise(answer) ? answer.then(present) : present(answer)
  }
}

/** A store that is not typed may answer nothing at all. */
function present(claim: Claim | undefined): Claim {
  if (claim === undefined || claim === null) throw new StoreError('corrupt', 'The store answered a claim with nothing')
  return claim
}

/** Whether the store itself said no, so that nothing was claimed. */
function isRefusalOfStore(error: unknown): boolean {
  return error instanceof StoreError && (error.fault === 'full' || error.fault === 'corrupt')
}

function isWorthAskingAgain(error: unknown): boolean {
  return !isRefusalOfStore(error) && !(error instanceof StoreError && error.fault === 'timeout')
}
