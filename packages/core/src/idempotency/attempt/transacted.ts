import { areSameBytes } from '../../bytes.js'
import type { Reply, ReplyHead } from '../../guard.js'
import { decodeReply, encodeReply } from '../reply/reply-record.js'
import type { IdempotencyRecord } from '../store.js'
import type { Outcome } from './settlement.js'

/** What the handler has answered, as far as it was seen. */
export interface Said {
  readonly head: ReplyHead | undefined
  /** Absent where the reply did not come whole. */
  readonly body: Uint8Array | undefined
}

/** What `settleIn` has written in a transaction of the handler's. Whether it holds is for the store to say. */
export class Transacted {
  readonly outcome: Exclude<Outcome, { kind: 'release' }>
  readonly #reply: Reply

  constructor(outcome: Exclude<Outcome, { kind: 'release' }>, reply: Reply) {
    this.outcome = outcome
    this.#reply = reply
  }

  /** Whether the handler claims it: it answers with the same status and, as far as that is known, the same body. */
  isSaid({ head, body }: Said): boolean {
    if (head?.status !== this.#reply.status) return false
    return body === undefined || areSameBytes(body, this.#reply.body)
  }

  /**
   * What the client gets in place of what the handler said, now that this has committed: what every repetition will get, with the
   * cookies that the handler has set along with it. `undefined`: what it said is the same.
   */
  inPlaceOf(said: Said): Reply | undefined {
    const { head, body } = said
    const { kind, content } = this.outcome
    if (kind === 'tombstone') return this.isSaid(said) ? undefined : this.#reply
    if (head !== undefined && body !== undefined && areSameBytes(encodeReply({ ...head, body }), content))
      return undefined
    const stored = decodeReply(content)
    const kept = typeof stored === 'string' ? this.#reply : stored
    const cookies = head?.status === kept.status ? head.headers.filter(([name]) => name === 'set-cookie') : []
    return { ...kept, headers: [...kept.headers, ...cookies] }
  }
}

/** Whether a record holds what an outcome writes. */
export function holdsOutcome(record: IdempotencyRecord, { kind, content }: Transacted['outcome']): boolean {
  const state = kind === 'settle' ? 'settled' : 'tombstone'
  return record.state === state && record.content !== undefined && areSameBytes(record.content, content)
}
