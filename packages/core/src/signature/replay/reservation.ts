import { isPromise, within } from '../../deadline.js'
import type { Awaitable, WaitUntil } from '../../guard.js'
import type { TokenSource } from '../../token-source.js'
import type { ReplayNotice } from '../signature-event.js'
import type { ReplayStore } from '../store.js'

/** How a reservation is kept and settled. */
export interface ReservationRules {
  readonly store: ReplayStore
  /** The fences of what is written. */
  readonly tokens: TokenSource
  readonly ttlSeconds: number
  readonly leaseSeconds: number
  readonly maxLeaseSeconds: number
  readonly storeTimeoutSeconds: number
  readonly settleTimeoutSeconds: number
  readonly tell: (notice: ReplayNotice) => void
}

/** Pauses before a write is tried again after the reply has left; afterwards the lease lapses by itself. */
const retryPausesMs: readonly number[] = [250, 1_000, 4_000, 15_000]

/**
 * A message that is ours to handle. While the handler runs the lease is extended, from a third of it on and for at most
 * `maxLeaseSeconds`; `settled` ends that, and commits or releases.
 */
export function reservation(id: string, token: string, rules: ReservationRules, waitUntil?: WaitUntil) {
  const { store, leaseSeconds, maxLeaseSeconds, storeTimeoutSeconds, settleTimeoutSeconds, ttlSeconds, tell } = rules
  const pauseMs = (leaseSeconds * 1000) / 3
  let extensionsLeft = Math.ceil((maxLeaseSeconds * 1000) / pauseMs) - 3
  let isSettled = false
  let extending: Promise<void> | undefined
  let timer = extendLater()

  function extendLater(): ReturnType<typeof setTimeout> | undefined {
    if (isSettled || extensionsLeft <= 0) return undefined
    extensionsLeft -= 1
    const next = setTimeout(() => {
      extending = extend()
    }, pauseMs)
    next.unref?.()
    return next
  }

  async function extend(): Promise<void> {
    try {
      // The contract of a store has no renewal: a repeated reservation under the same token is one.
      const { outcome } = await within(storeTimeoutSeconds, () => store.reserve(id, token, leaseSeconds))
      if (outcome === 'reserved') timer = extendLater()
      else tell({ type: 'signature.lease_lost' })
    } catch (error) {
      tell({ type: 'signature.renew_failed', error })
      timer = extendLater()
    }
    extending = undefined
  }

  function write(operation: 'commit' | 'release', attempt: number): Awaitable<void> {
    const failed = (error: unknown) => {
      tell({ type: 'signature.settle_failed', error })
      retry(operation, attempt)
    }
    const wrote = (answer: 'ok' | 'stale') => {
      if (answer === 'ok') tell({ type: operation === 'commit' ? 'signature.committed' : 'signature.released' })
      // On a retry it is as likely that the attempt before was carried out and its answer lost.
      else if (attempt === 0) tell({ type: 'signature.lease_lost' })
    }
    try {
      const answer = within(settleTimeoutSeconds, () =>
        operation === 'commit' ? store.commit(id, token, ttlSeconds) : store.release(id, token),
      )
      return isPromise(answer) ? answer.then(wrote, failed) : wrote(answer)
    } catch (error) {
      return failed(error)
    }
  }

  function retry(operation: 'commit' | 'release', attempt: number): void {
    const pauseMs = retryPausesMs[attempt]
    if (pauseMs === undefined) return
    const again = new Promise<void>((resolve) => {
      setTimeout(() => resolve(write(operation, attempt + 1)), pauseMs).unref?.()
    })
    waitUntil?.(again)
  }

  return {
    /** Never rejects. A failing store delays the reply by its timeout and no more. */
    settled(outcome: number | 'abandoned'): Awaitable<void> {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      const operation = outcome !== 'abandoned' && outcome >= 200 && outcome <= 299 ? 'commit' : 'release'
      // An extension that is under way would bring a released reservation back.
      return extending === undefined ? write(operation, 0) : extending.then(() => write(operation, 0))
    },
  }
}
