import { isPromise } from '../../deadline.js'
import { LeaseLostError } from '../../errors.js'
import type { AbandonReason, Awaitable, Capture, Reply, ReplyHead, WaitUntil } from '../../guard.js'
import { around, tell } from '../../observe.js'
import { derivedKey, type IdempotencyGrant, settlingIn } from '../grant.js'
import type { Refusals } from '../refusals.js'
import { isLiveType, replyClass } from '../reply/reply-class.js'
import { encodeNote, encodeReply, type TombstoneReason } from '../reply/reply-record.js'
import { cannotSettle } from '../reply/settled-reply.js'
import type { IdempotencySettings } from '../settings.js'
import type { FencedWrite, RecordTransaction } from '../store.js'
import type { Activity } from './activity.js'
import { conclude } from './conclusion.js'
import { type Holding, Lease } from './lease.js'
import { type Backlog, isFull, type Outcome, tellOutcome, write } from './settlement.js'
import { type Said, Transacted } from './transacted.js'

/** What an owner works with: all but the last is shared by the owners of one guard. */
export interface OwnerSurroundings {
  readonly settings: IdempotencySettings
  readonly refusals: Refusals
  readonly backlog: Backlog
  readonly activity: Activity
  readonly waitUntil: WaitUntil | undefined
}

/**
 * The request that has claimed a record, until its outcome is written. An owner that has lost its lease neither stores nor
 * releases, and its own reply does not reach the client.
 */
export class Owner implements Capture {
  readonly maxBytes: number
  readonly #around: OwnerSurroundings
  readonly #holding: Holding
  readonly #lease: Lease
  #isPinned = false
  #isLive = false
  #isSecret = false
  #hasAnswered = false
  /** What `settleIn` has written, the last one last; all but one were rolled back. */
  readonly #transacted: Transacted[] = []

  constructor(around: OwnerSurroundings, holding: Holding) {
    this.#around = around
    this.#holding = holding
    this.#lease = new Lease(around.settings, holding)
    this.maxBytes = around.settings.maxReplyBytes
  }

  /** Functions, not methods: a handler may take the grant apart. */
  grant(): IdempotencyGrant {
    const { id, attempt } = this.#holding
    const lease = this.#lease
    return {
      isProtected: true,
      attempt,
      get signal() {
        return lease.signal
      },
      pin: () => {
        this.#isPinned = true
      },
      live: () => {
        this.#isLive = true
      },
      secretReply: () => {
        this.#isSecret = true
      },
      derivedKey: (label) => derivedKey(id, label, this.#around.settings.secret),
      settleIn: settlingIn((transaction, reply) => this.#settleIn(transaction, reply)),
    }
  }

  /** A reply that frees the key is held whatever its type: the key must not be free while the handler still answers. */
  holds(head: ReplyHead): boolean {
    if (this.#classOf(head.status) === 'release') return true
    return !(this.#isLive || this.#isSecret || isLiveType(field(head, 'content-type') ?? ''))
  }

  settle(reply: Reply): Awaitable<Reply | undefined> {
    const { status } = reply
    const isReleased = this.#classOf(status) === 'release'
    return this.#finish(isReleased ? { kind: 'release', status } : this.#kept(reply), { head: reply, body: reply.body })
  }

  abandon(reason: AbandonReason, head?: ReplyHead): Awaitable<Reply | undefined> {
    // Where no reply came, a head holds what the framework starts from.
    const sent = reason === 'none' ? undefined : head
    const said = { head: sent, body: undefined }
    if (this.#classOfAbandoned(reason, sent) === 'release') {
      return this.#finish({ kind: 'release', status: sent?.status }, said)
    }
    return this.#finish(tombstone(reason === 'live' && this.#isSecret ? 'secret' : reason, sent), said)
  }

  /** How a reply that counts is kept. */
  #kept(reply: Reply): Transacted['outcome'] {
    if (this.#isSecret) return tombstone('secret', reply)
    if (reply.body.length > this.maxBytes) return tombstone('too-large', reply)
    const instead = () => tombstone('store-full', reply)
    return { kind: 'settle', content: encodeReply(reply), status: reply.status, instead }
  }

  #settleIn(transaction: RecordTransaction, reply: Reply): Awaitable<Reply> {
    const { status } = reply
    if (this.#hasAnswered) throw cannotSettle('the handler has answered already')
    if (this.#classOf(status) === 'release') {
      throw cannotSettle(`a ${status} is not kept: roll back and answer with it, or call pin() before`)
    }
    if (this.#lease.isLost) throw new LeaseLostError()
    const isFirst = this.#transacted.length === 0
    const transacted = new Transacted(this.#isLive ? tombstone('live', reply) : this.#kept(reply), reply)
    this.#transacted.push(transacted)
    this.#lease.suspend()
    const written = (answer: FencedWrite): Reply => {
      if (answer === 'ok') return reply
      // A second call may have met what the first has settled.
      if (!isFirst) throw cannotSettle('the request has been settled already, or another attempt has taken it over')
      this.#lease.lose()
      throw new LeaseLostError()
    }
    const failed = (error: unknown): never => {
      this.#lease.resume()
      throw error
    }
    try {
      const { ttlSeconds } = this.#around.settings
      const { kind, content } = transacted.outcome
      const { id, token } = this.#holding
      const answer = transaction[kind](id, token, content, ttlSeconds)
      return isPromise(answer) ? answer.then(written, failed) : written(answer)
    } catch (error) {
      return failed(error)
    }
  }

  #classOf(status: number): 'store' | 'release' {
    return this.#isPinned ? 'store' : replyClass(status, this.#around.settings.serverErrors)
  }

  /** Without a reply it is as a 5xx; where nobody saw the reply, or half of it, the effects are taken to be out. */
  #classOfAbandoned(reason: AbandonReason, head: ReplyHead | undefined): 'store' | 'release' {
    if (reason === 'none') return this.#classOf(500)
    return reason === 'unseen' || head === undefined ? 'store' : this.#classOf(head.status)
  }

  #finish(outcome: Outcome, said: Said): Awaitable<Reply | undefined> {
    this.#hasAnswered = true
    return around(this.#around.settings.observe, 'idempotency.settle', () =>
      this.#transacted.length === 0 || this.#lease.isLost ? this.#end(outcome) : this.#conclude(outcome, said),
    )
  }

  /** After `settleIn`: what the store says comes before what the handler says. */
  async #conclude(outcome: Outcome, said: Said): Promise<Reply | undefined> {
    const { settings, refusals, activity } = this.#around
    const { id, attempt } = this.#holding
    const claimed = this.#transacted.find((each) => each.isSaid(said))
    const undone: Outcome = this.#isPinned ? tombstone('none', undefined) : { kind: 'release', status: undefined }
    this.#lease.settling()
    const end = await conclude(settings, this.#holding, this.#transacted, claimed === undefined ? outcome : undone)
    switch (end.kind) {
      case 'committed':
        this.#done(end.transacted.outcome)
        return end.transacted.inPlaceOf(said)
      case 'rolled-back':
        tell(settings.observe, { type: 'idempotency.rolled_back', id, attempt })
        this.#done(end.outcome)
        // The handler says that it was carried out, and it was not.
        return claimed && refusals.reply('idempotency-store-unavailable', this.#holding)
      case 'lost':
        this.#lease.lose()
        return this.#lost()
      case 'unknown':
        tell(settings.observe, { type: 'idempotency.commit_unknown', id, attempt, error: end.error })
        this.#lease.end()
        activity.end()
        if (claimed !== undefined && settings.onSettleFailure === 'send') return claimed.inPlaceOf(said)
        return refusals.reply('idempotency-store-unavailable', this.#holding)
    }
  }

  #end(outcome: Outcome): Awaitable<Reply | undefined> {
    if (this.#lease.isLost) return this.#lost()
    this.#lease.settling()
    try {
      const answer = write(this.#around.settings, this.#holding, outcome)
      if (!isPromise(answer)) return this.#written(outcome, answer)
      return answer.then(
        (late) => this.#written(outcome, late),
        (error: unknown) => this.#failed(outcome, error),
      )
    } catch (error) {
      return this.#failed(outcome, error)
    }
  }

  #written(outcome: Outcome, answer: FencedWrite): Reply | undefined {
    if (answer !== 'ok') {
      this.#lease.lose()
      return this.#lost()
    }
    this.#done(outcome)
    return undefined
  }

  #done(outcome: Outcome): void {
    this.#lease.end()
    this.#around.activity.end()
    tellOutcome(this.#around.settings.observe, this.#holding, outcome)
  }

  #lost(): Reply {
    this.#around.activity.end()
    return this.#around.refusals.reply('idempotency-lease-lost', this.#holding)
  }

  #failed(outcome: Outcome, error: unknown): Awaitable<Reply | undefined> {
    if (outcome.kind === 'settle' && isFull(error)) return this.#end(outcome.instead())
    const { settings, refusals, backlog, activity, waitUntil } = this.#around
    const { id, attempt } = this.#holding
    tell(settings.observe, { type: 'idempotency.settle_failed', id, attempt, error })
    const later = backlog.add(this.#holding, this.#lease, outcome).then(() => activity.end())
    waitUntil?.(later)
    if (settings.onSettleFailure === 'send' || outcome.kind === 'release') return undefined
    return refusals.reply('idempotency-store-unavailable', this.#holding)
  }
}

function tombstone(reason: TombstoneReason, head: ReplyHead | undefined): Extract<Outcome, { kind: 'tombstone' }> {
  const status = head?.status
  const location = head === undefined ? undefined : field(head, 'location')
  const note = { reason, ...(status !== undefined && { status }), ...(location !== undefined && { location }) }
  return { kind: 'tombstone', content: encodeNote(note), reason, status }
}

function field(head: ReplyHead, name: string): string | undefined {
  return head.headers.find(([present]) => present === name)?.[1]
}
