import { isPromise, within } from '../../deadline.js'
import type { Awaitable, WaitUntil } from '../../guard.js'
import type { Reservation } from '../store.js'
import { type ReservationRules, reservation } from './reservation.js'

/** What the window says about a verified message. */
export type Admission =
  | { readonly outcome: 'reserved'; readonly settled: (outcome: number | 'abandoned') => Awaitable<void> }
  | { readonly outcome: 'running'; readonly leaseRemainingMs: number }
  | { readonly outcome: 'committed' }
  | { readonly outcome: 'unavailable' }

/** Reserves a verified message, unless it has been handled or is being handled. Never rejects. */
export async function admit(id: string, rules: ReservationRules, waitUntil?: WaitUntil): Promise<Admission> {
  const { store, leaseSeconds, storeTimeoutSeconds, tell } = rules
  const token = rules.tokens.next()
  let asked: Awaitable<Reservation> | undefined
  try {
    const answer = await within(storeTimeoutSeconds, () => {
      asked = store.reserve(id, token, leaseSeconds)
      return asked
    })
    if (answer.outcome !== 'reserved') return answer
    return { outcome: 'reserved', settled: reservation(id, token, rules, waitUntil).settled }
  } catch (error) {
    tell({ type: 'signature.reserve_failed', error })
    const givenUp = giveUp(id, token, rules)
    waitUntil?.(givenUp)
    // It may also come late, after it has been given up.
    if (isPromise(asked)) void asked.then(() => giveUp(id, token, rules)).then(undefined, () => {})
    return { outcome: 'unavailable' }
  }
}

/**
 * Reserves a message under all that it is known by, or under none. One after the other in the order of the ids: of two copies
 * of it at once, the one that gets the first gets all.
 */
export async function admitAll(
  ids: readonly string[],
  rules: ReservationRules,
  waitUntil?: WaitUntil,
): Promise<Admission> {
  const reserved: Extract<Admission, { outcome: 'reserved' }>[] = []
  const settled = async (outcome: number | 'abandoned') => {
    await Promise.all(reserved.map((each) => each.settled(outcome)))
  }
  for (const id of [...ids].sort()) {
    const admission = await admit(id, rules, waitUntil)
    if (admission.outcome !== 'reserved') {
      await settled('abandoned')
      return admission
    }
    reserved.push(admission)
  }
  const [only] = reserved
  return only !== undefined && reserved.length === 1 ? only : { outcome: 'reserved', settled }
}

/** A reservation whose answer was lost stands in the store, where it would hold up the sender's retry for a lease. */
async function giveUp(id: string, token: string, { store, settleTimeoutSeconds }: ReservationRules): Promise<void> {
  try {
    await within(settleTimeoutSeconds, () => store.release(id, token))
  } catch {
    // The store is down, as has been told; the lease will lapse.
  }
}
