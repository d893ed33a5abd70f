import { isPromise } from '../../deadline.js'
import { StoreError } from '../../errors.js'
import {
  type Awaitable,
  BodyError,
  type Grants,
  type GuardRequest,
  type Pass,
  type Reply,
  type Verdict,
  type WaitUntil,
} from '../../guard.js'
import { tell } from '../../observe.js'
import { TokenSource } from '../../token-source.js'
import { fingerprintOf } from '../fingerprint/fingerprint.js'
import { type IdempotencyGrant, unprotectedGrant } from '../grant.js'
import { recordId, scopeId } from '../record-id.js'
import { type IdempotencyRefusalCode, Refusals } from '../refusals.js'
import { markers } from '../reply/kept-headers.js'
import { decodeNote, decodeReply, type RecordFault } from '../reply/reply-record.js'
import { scopeOf } from '../scope.js'
import type { IdempotencySettings } from '../settings.js'
import type { Claim, ClaimRequest } from '../store.js'
import { Activity } from './activity.js'
import { ClaimDesk, type FailedClaim } from './claim.js'
import { Owner } from './owner.js'
import { Backlog } from './settlement.js'
import { Waiters } from './waiters.js'

type IdempotencyVerdict = Verdict<IdempotencyGrant>

/** Where a request with a key is decided: from its body and scope to the claim, and from the store's answer to the verdict. */
export class Desk {
  readonly refusals: Refusals
  readonly activity = new Activity()
  readonly #settings: IdempotencySettings
  readonly #claims: ClaimDesk
  readonly #waiters: Waiters
  readonly #backlog: Backlog
  readonly #tokens = new TokenSource()

  constructor(settings: IdempotencySettings) {
    this.#settings = settings
    this.refusals = new Refusals(settings)
    this.#claims = new ClaimDesk(settings)
    this.#waiters = new Waiters(settings)
    this.#backlog = new Backlog(settings)
  }

  async decide(request: GuardRequest, prior: Grants, key: string): Promise<IdempotencyVerdict> {
    const claim = await this.#claimRequest(request, prior, key)
    if (typeof claim === 'string') return this.refusals.refuse(claim)
    if (this.activity.isClosed) return this.refusals.refuse('idempotency-store-unavailable', claim.id)
    this.activity.begin()
    let isOwned = false
    try {
      const answer = await this.#ask(claim)
      isOwned = answer.outcome === 'claimed'
      return this.#verdict(claim, answer, request)
    } finally {
      // An owner tells of its own end.
      if (!isOwned) this.activity.end()
    }
  }

  /** What to ask the store for, or why the store is not asked. The whole body is here before the store hears of the key. */
  async #claimRequest(
    request: GuardRequest,
    prior: Grants,
    key: string,
  ): Promise<ClaimRequest | IdempotencyRefusalCode> {
    const { secret, leaseSeconds, ttlSeconds, onAbandoned } = this.#settings
    const found = scopeOf(this.#settings.scope, request, prior)
    const scope = isPromise(found) ? await found : found
    const body = await this.#body(request)
    if (typeof body === 'string') return body
    const fingerprint = fingerprintOf(request, body, this.#settings.fingerprint)
    return {
      id: recordId(scope, key, secret),
      scope: scopeId(scope, secret),
      fingerprint: isPromise(fingerprint) ? await fingerprint : fingerprint,
      token: this.#tokens.next(),
      leaseSeconds,
      ttlSeconds,
      takeOver: onAbandoned === 'reexecute',
    }
  }

  async #body(request: GuardRequest): Promise<Uint8Array | IdempotencyRefusalCode> {
    const { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes } = this.#settings
    try {
      return await request.body({ maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes })
    } catch (error) {
      if (!(error instanceof BodyError)) throw error
      switch (error.fault) {
        case 'too-large':
          return 'request-too-large'
        case 'busy':
          return 'idempotency-store-unavailable'
        // Nobody is left to see the answer to an aborted request.
        case 'timeout':
        case 'aborted':
          return 'request-timeout'
      }
    }
  }

  #ask(claim: ClaimRequest): Awaitable<Claim | FailedClaim> {
    const answer = this.#claims.ask(claim)
    if (this.#settings.waitSeconds === 0) return answer
    const wait = (first: Claim | FailedClaim): Awaitable<Claim | FailedClaim> =>
      first.outcome === 'running'
        ? this.#waiters.wait(
            first,
            () => this.#claims.ask(claim),
            () => this.activity.isClosed,
          )
        : first
    return isPromise(answer) ? answer.then(wait) : wait(answer)
  }

  #verdict(claim: ClaimRequest, answer: Claim | FailedClaim, request: GuardRequest): IdempotencyVerdict {
    const { id } = claim
    switch (answer.outcome) {
      case 'claimed':
        return this.#run(claim, answer.attempt, request.waitUntil)
      case 'running':
        return this.refusals.inProgress(id, answer.leaseRemainingMs)
      case 'mismatch':
        return this.refusals.refuse('idempotency-key-reused', id)
      case 'lapsed':
        return this.refusals.refuse('idempotency-outcome-unknown', id)
      case 'settled':
        return this.#replay(id, decodeReply(answer.reply))
      case 'tombstone': {
        const note = decodeNote(answer.note)
        return typeof note === 'string' ? this.#unreadable(id, note) : this.refusals.responseUnavailable(id, note)
      }
      case 'failed':
        return this.#failed(id, answer.error)
      // A store that is not typed, or not of this version.
      default:
        return this.#unreadable(id, 'corrupt')
    }
  }

  #run({ id, token }: ClaimRequest, attempt: number, waitUntil: WaitUntil | undefined): Pass<IdempotencyGrant> {
    const { refusals, activity } = this
    tell(this.#settings.observe, { type: 'idempotency.claimed', id, attempt })
    const surroundings = { settings: this.#settings, refusals, backlog: this.#backlog, activity, waitUntil }
    const owner = new Owner(surroundings, { id, token, attempt })
    return { kind: 'pass', grant: owner.grant(), capture: owner, strip: markers }
  }

  #replay(id: string, reply: Reply | RecordFault): IdempotencyVerdict {
    if (typeof reply === 'string') return this.#unreadable(id, reply)
    tell(this.#settings.observe, { type: 'idempotency.replayed', id, status: reply.status })
    return { kind: 'reply', reply: { ...reply, headers: [...reply.headers, ['idempotent-replayed', 'true']] } }
  }

  /** The handler may have run: it does not run again, and the record stays for an operator to look at. */
  #unreadable(id: string, fault: RecordFault): IdempotencyVerdict {
    tell(this.#settings.observe, { type: 'idempotency.record_unreadable', id, fault })
    return this.refusals.refuse('idempotency-store-unavailable', id)
  }

  #failed(id: string, error: unknown): IdempotencyVerdict {
    if (error instanceof StoreError && error.fault === 'corrupt') return this.#unreadable(id, 'corrupt')
    const { onStoreError, observe, secret } = this.#settings
    if (onStoreError === 'refuse') {
      tell(observe, { type: 'idempotency.store_failed', id, error })
      return this.refusals.refuse('idempotency-store-unavailable', id)
    }
    tell(observe, { type: 'idempotency.bypassed', id, error })
    return {
      kind: 'pass',
      grant: unprotectedGrant(id, secret),
      strip: markers,
      headers: [['idempotency-status', 'bypassed']],
    }
  }
}
