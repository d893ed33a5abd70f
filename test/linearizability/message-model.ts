import { type End, endOf, Judgement, type Model, type Outcome } from './model.js'
import type { MessageCall, Operation } from './operation.js'

/** One message in a replay window, as a store that does one thing at a time would have it. */
export interface MessageState {
  readonly state: 'reserved' | 'committed'
  readonly token: string
  /** Of the lease, or of what is remembered. A reservation that has lapsed stays its holder's until somebody takes it. */
  readonly end: End
  /** Which operation set its times. */
  readonly since: number
}

/** The sequential specification of one message of `ReplayStore`. */
export class MessageModel implements Model<MessageState> {
  readonly #judgement: Judgement

  /** @param slackMs as {@link Judgement} has it. */
  constructor(slackMs: number) {
    this.#judgement = new Judgement(slackMs)
  }

  after(state: MessageState | undefined, operation: Operation): (MessageState | undefined)[] {
    const outcomes: Outcome<MessageState>[] = []
    const canBeForgotten = state?.state === 'committed' && this.#judgement.canHaveEnded(state.end, operation)
    if (state?.state !== 'committed' || this.#judgement.isStillOn(state.end, operation))
      outcomes.push(...this.#carriedOut(state, operation))
    if (canBeForgotten) outcomes.push(...this.#carriedOut(undefined, operation))
    return outcomes.filter((outcome) => this.#judgement.explains(outcome, operation)).map(({ next }) => next)
  }

  key(state: MessageState | undefined): string {
    return state === undefined ? 'absent' : `${state.state} ${state.token} ${state.since}`
  }

  #carriedOut(state: MessageState | undefined, operation: Operation): Outcome<MessageState>[] {
    const call = operation.call as MessageCall
    const since = operation.began
    const isHolder = state !== undefined && state.token === call.token
    switch (call.kind) {
      case 'reserve': {
        if (state?.state === 'committed') return [{ says: 'committed', next: state }]
        const end = endOf(operation, call.leaseMs)
        const reserved = { says: 'reserved', next: { state: 'reserved', token: call.token, end, since } } as const
        if (state === undefined || isHolder) return [reserved]
        const outcomes: Outcome<MessageState>[] = []
        if (this.#judgement.isStillOn(state.end, operation))
          outcomes.push({ says: 'running', next: state, until: state.end })
        if (this.#judgement.canHaveEnded(state.end, operation)) outcomes.push(reserved)
        return outcomes
      }
      case 'commit':
        if (!isHolder) return [{ says: 'stale', next: state }]
        if (state.state === 'committed') return [{ says: 'ok', next: state }]
        return [
          { says: 'ok', next: { state: 'committed', token: call.token, end: endOf(operation, call.ttlMs), since } },
        ]
      case 'give up':
        if (!isHolder || state.state === 'committed') return [{ says: 'stale', next: state }]
        return [{ says: 'ok', next: undefined }]
    }
  }
}
