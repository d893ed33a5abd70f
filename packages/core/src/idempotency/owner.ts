import { isPromise } from '../deadline.js'
import { StoreError } from '../errors.js'
import type { AbandonReason, Awaitable, Capture, Reply, ReplyHead } from '../guard.js'
import { tell } from '../observe.js'
import type { Activity } from './activity.js'
import { derivedKey, type IdempotencyGrant } from './grant.js'
import { type Holding, Lease } from './lease.js'
import type { Refusals } from './refusals.js'
import { isLiveType, replyClass } from './reply-class.js'
import { encodeNote, encodeReply, type TombstoneReason } from './reply-record.js'
import type { IdempotencySettings } from './settings.js'
import { type Backlog, type Outcome, tellOutcome, write } from './settlement.js'
import type { FencedWrite } from './store.js'

/** What all owners of one guard share. */
export interface OwnerSurroundings {
  readonly settings: IdempotencySettings
  readonly refusals: Refusals
  readonly backlog: Backlog
  readonly activity: Activity
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
    }
  }

  /** A reply that frees the key is held whatever its type: the key must not be free while the handler still answers. */
  holds(head: ReplyHead): boolean {
    if (this.#classOf(head.status) === 'release') return true
    return !(this.#isLive || this.#isSecret || isLiveType(field(head, 'content-type') ?? ''))
  }

  settle(reply: Reply): Awaitable<Reply | undefined> {
    const { status } = reply
    if (this.#classOf(status) === 'release') return this.#end({ kind: 'release', status })
    if (this.#isSecret) return this.#end(tombstone('secret', reply))
    if (reply.body.length > this.maxBytes) return this.#end(tombstone('too-large', reply))
    return this.#end({
      kind: 'settle',
      content: encodeReply(reply),
      status,
      instead: () => tombstone('store-full', reply),
    })
  }

  abandon(reason: AbandonReason, head?: ReplyHead): Awaitable<Reply | undefined> {
    // Where no reply came, a head holds what the framework starts from.
    const sent = reason === 'none' ? undefined : head
    if (this.#classOfAbandoned(reason, sent) === 'release') return this.#end({ kind: 'release', status: sent?.status })
    return this.#end(tombstone(reason === 'live' && this.#isSecret ? 'secret' : reason, sent))
  }

  #classOf(status: number): 'store' | 'release' {
    return this.#isPinned ? 'store' : replyClass(status, this.#around.settings.serverErrors)
  }

  /** Without a reply it is as a 5xx; where nobody saw the reply, or half of it, the effects are taken to be out. */
  #classOfAbandoned(reason: AbandonReason, head: ReplyHead | undefined): 'store' | 'release' {
    if (reason === 'none') return this.#classOf(500)
    return reason === 'unseen' || head === undefined ? 'store' : this.#classOf(head.status)
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
    this.#lease.end()
    this.#around.activity.end()
    tellOutcome(this.#around.settings.observe, this.#holding, outcome)
    return undefined
  }

  #lost(): Reply {
    this.#around.activity.end()
    return this.#around.refusals.reply('idempotency-lease-lost', this.#holding.id)
  }

  #failed(outcome: Outcome, error: unknown): Awaitable<Reply | undefined> {
    if (outcome.kind === 'settle' && isFull(error)) return this.#end(outcome.instead())
    const { settings, refusals, backlog, activity } = this.#around
    const { id, attempt } = this.#holding
    tell(settings.observe, { type: 'idempotency.settle_failed', id, attempt, error })
    void backlog.add(this.#holding, this.#lease, outcome).then(() => activity.end())
    if (settings.onSettleFailure === 'send' || outcome.kind === 'release') return undefined
    return refusals.reply('idempotency-store-unavailable', id)
  }
}

function tombstone(reason: TombstoneReason, head: ReplyHead | undefined): Outcome {
  const status = head?.status
  const location = head === undefined ? undefined : field(head, 'location')
  const note = { reason, ...(status !== undefined && { status }), ...(location !== undefined && { location }) }
  return { kind: 'tombstone', content: encodeNote(note), reason, status }
}

function field(head: ReplyHead, name: string): string | undefined {
  return head.headers.find(([present]) => present === name)?.[1]
}

function isFull(error: unknown): boolean {
  return error instanceof StoreError && error.fault === 'full'
}
