import { type End, endOf, Judgement, type Model, type Outcome } from './model.js'
import type { Operation, RecordCall } from './operation.js'

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

/** One record, as a store that does one thing at a time would have it. */
export type RecordState = Running | Finished

const never: End = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }

/** The sequential specification of one record of `IdempotencyStore`, as its docstrings say it. */
export class RecordModel implements Model<RecordState> {
  readonly #judgement: Judgement

  /** @param slackMs as {@link Judgement} has it. */
  constructor(slackMs: number) {
    this.#judgement = new Judgement(slackMs)
  }

  after(state: RecordState | undefined, operation: Operation): (RecordState | undefined)[] {
    const outcomes: Outcome<RecordState>[] = []
    const expiry = state?.expiry ?? never
    if (state === undefined || this.#judgement.isStillOn(expiry, operation))
      outcomes.push(...this.#carriedOut(state, operation))
    if (state !== undefined && this.#judgement.canHaveEnded(expiry, operation))
      outcomes.push(...this.#carriedOut(undefined, operation))
    return outcomes.filter((outcome) => this.#judgement.explains(outcome, operation)).map(({ next }) => next)
  }

  key(state: RecordState | undefined): string {
    if (state === undefined) return 'absent'
    const last = state.state === 'running' ? state.attempt : state.content
    return `${state.state} ${state.fingerprint} ${state.token} ${last} ${state.since}`
  }

  #carriedOut(state: RecordState | undefined, operation: Operation): Outcome<RecordState>[] {
    const call = operation.call as RecordCall
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
    state: RecordState | undefined,
    operation: Operation,
    { fingerprint, token, leaseMs, ttlMs, takeOver }: Extract<RecordCall, { kind: 'claim' }>,
  ): Outcome<RecordState>[] {
    const claimedAs = (attempt: number): Outcome<RecordState> => {
      const times = this.#leased(operation, leaseMs, ttlMs)
      return { says: `claimed ${attempt}`, next: { state: 'running', fingerprint, token, attempt, ...times } }
    }
    if (state === undefined) return [claimedAs(1)]
    if (state.fingerprint !== fingerprint) return [{ says: 'mismatch', next: state }]
    if (state.state !== 'running') return [{ says: `${state.state} ${state.content}`, next: state }]
    if (state.token === token) return [claimedAs(state.attempt)]
    const outcomes: Outcome<RecordState>[] = []
    if (this.#judgement.isStillOn(state.lease, operation))
      outcomes.push({ says: 'running', next: state, until: state.lease })
    if (this.#judgement.canHaveEnded(state.lease, operation))
      outcomes.push(takeOver ? claimedAs(state.attempt + 1) : { says: 'lapsed', next: state })
    return outcomes
  }

  #resolved(
    state: RecordState | undefined,
    operation: Operation,
    { content, ttlMs }: Extract<RecordCall, { kind: 'resolve' }>,
  ): Outcome<RecordState>[] {
    if (state === undefined) return [{ says: 'absent', next: state }]
    const outcomes: Outcome<RecordState>[] = []
    if (state.state === 'running' && this.#judgement.isStillOn(state.lease, operation))
      outcomes.push({ says: 'live', next: state })
    if (state.state === 'running' && !this.#judgement.canHaveEnded(state.lease, operation)) return outcomes
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
}
