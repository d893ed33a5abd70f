import type { Operation } from './operation.js'

/** When something ends, as far as those who ask can know: not before `fromMs`, not after `toMs`. */
interface End {
  readonly fromMs: number
  readonly toMs: number
}

interface Running {
  readonly state: 'running'
  readonly fingerprint: string
  readonly token: string
  readonly attempt: number
  readonly lease: End
  readonly expiry: End
  /** Which operation set its times. */
  readonly since: number
}

interface Finished {
  readonly state: 'settled' | 'tombstone'
  readonly fingerprint: string
  /** Nobody's where it was ended by hand. */
  readonly token: string | undefined
  readonly content: string
  readonly expiry: End
  readonly since: number
}

/** One record, as a store that does one thing at a time would have it; `undefined`: absent. */
export type RecordState = Running | Finished | undefined

/** What an operation can come to: an answer, and what the record is then. */
interface Outcome {
  readonly says: string
  readonly next: RecordState
  /** The end of what goes on; with `running`. */
  readonly until?: End
}

const never: End = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }

/** The sequential specification of one record of `IdempotencyStore`, as its docstrings say it. */
export class RecordModel {
  readonly #slackMs: number

  /** @param slackMs how far the store's clock and the one of those who ask may be apart, and by how much either is rounded. */
  constructor(slackMs: number) {
    this.#slackMs = slackMs
  }

  /** Every state in which the record can be after the operation was carried out on it and answered as it was. */
  after(state: RecordState, operation: Operation): RecordState[] {
    const outcomes: Outcome[] = []
    const expiry = state?.expiry ?? never
    if (state === undefined || this.#isStillOn(expiry, operation)) outcomes.push(...this.#carriedOut(state, operation))
    if (state !== undefined && this.#canHaveEnded(expiry, operation))
      outcomes.push(...this.#carriedOut(undefined, operation))
    return outcomes.filter((outcome) => this.#explains(outcome, operation)).map(({ next }) => next)
  }

  #carriedOut(state: RecordState, operation: Operation): Outcome[] {
    const { call } = operation
    switch (call.kind) {
      case 'claim':
        return this.#claimed(state, operation, call)
      case 'renew':
        if (state?.state !== 'running' || state.token !== call.token) return [{ says: 'stale', next: state }]
        return [{ says: 'ok', next: { ...state, ...this.#leased(operation, call.leaseMs, call.ttlMs) } }]
      case 'settle':
      case 'tombstone': {
        const ending = call.kind === 'settle' ? 'settled' : 'tombstone'
        if (state === undefined || state.token !== call.token) return [{ says: 'stale', next: state }]
        if (state.state !== 'running') return [{ says: state.state === ending ? 'ok' : 'stale', next: state }]
        return [{ says: 'ok', next: this.#finished(ending, state, call.token, call, operation) }]
      }
      case 'release':
        if (state?.state !== 'running' || state.token !== call.token) return [{ says: 'stale', next: state }]
        return [{ says: 'ok', next: undefined }]
      case 'resolve':
        return this.#resolved(state, operation, call)
    }
  }

  #claimed(
    state: RecordState,
    operation: Operation,
    { fingerprint, token, leaseMs, ttlMs, takeOver }: Extract<Operation['call'], { kind: 'claim' }>,
  ): Outcome[] {
    const claimedAs = (attempt: number): Outcome => {
      const times = this.#leased(operation, leaseMs, ttlMs)
      return { says: `claimed ${attempt}`, next: { state: 'running', fingerprint, token, attempt, ...times } }
    }
    if (state === undefined) return [claimedAs(1)]
    if (state.fingerprint !== fingerprint) return [{ says: 'mismatch', next: state }]
    if (state.state !== 'running') return [{ says: `${state.state} ${state.content}`, next: state }]
    if (state.token === token) return [claimedAs(state.attempt)]
    const outcomes: Outcome[] = []
    if (this.#isStillOn(state.lease, operation)) outcomes.push({ says: 'running', next: state, until: state.lease })
    if (this.#canHaveEnded(state.lease, operation))
      outcomes.push(takeOver ? claimedAs(state.attempt + 1) : { says: 'lapsed', next: state })
    return outcomes
  }

  #resolved(
    state: RecordState,
    operation: Operation,
    { content, ttlMs }: Extract<Operation['call'], { kind: 'resolve' }>,
  ): Outcome[] {
    if (state === undefined) return [{ says: 'absent', next: state }]
    const outcomes: Outcome[] = []
    if (state.state === 'running' && this.#isStillOn(state.lease, operation))
      outcomes.push({ says: 'live', next: state })
    if (state.state === 'running' && !this.#canHaveEnded(state.lease, operation)) return outcomes
    if (content === undefined) outcomes.push({ says: 'ok', next: undefined })
    else if (state.state === 'settled') outcomes.push({ says: 'settled', next: state })
    else outcomes.push({ says: 'ok', next: this.#finished('settled', state, undefined, { content, ttlMs }, operation) })
    return outcomes
  }

  #leased(operation: Operation, leaseMs: number, ttlMs: number): Pick<Running, 'lease' | 'expiry' | 'since'> {
    const lease = endOf(operation, leaseMs)
    return { lease, expiry: endOf(operation, leaseMs + ttlMs), since: operation.began }
  }

  #finished(
    ending: Finished['state'],
    { fingerprint }: Running | Finished,
    token: string | undefined,
    { content, ttlMs }: { readonly content: string; readonly ttlMs: number },
    operation: Operation,
  ): Finished {
    const expiry = endOf(operation, ttlMs)
    return { state: ending, fingerprint, token, content, expiry, since: operation.began }
  }

  #explains({ says, until }: Outcome, { answer, beganMs, endedMs }: Operation): boolean {
    if (answer === undefined) return true
    if (answer.says !== says) return false
    if (until === undefined || answer.remainingMs === undefined) return true
    const longest = until.toMs - beganMs + this.#slackMs
    const shortest = until.fromMs - (endedMs ?? beganMs) - this.#slackMs
    return answer.remainingMs > 0 && answer.remainingMs <= longest && answer.remainingMs >= shortest
  }

  /** At the millisecond at which it ends, it has ended. */
  #canHaveEnded({ fromMs }: End, { endedMs = Number.POSITIVE_INFINITY }: Operation): boolean {
    return endedMs + this.#slackMs >= fromMs
  }

  #isStillOn({ toMs }: End, { beganMs }: Operation): boolean {
    return beganMs - this.#slackMs < toMs
  }
}

/** What begins somewhere within the operation, and takes so long. */
function endOf({ beganMs, endedMs = Number.POSITIVE_INFINITY }: Operation, milliseconds: number): End {
  return { fromMs: beganMs + milliseconds, toMs: endedMs + milliseconds }
}

/** The same text for the same state. */
export function stateKey(state: RecordState): string {
  if (state === undefined) return 'absent'
  const last = state.state === 'running' ? state.attempt : state.content
  return `${state.state} ${state.fingerprint} ${state.token} ${last} ${state.since}`
}
