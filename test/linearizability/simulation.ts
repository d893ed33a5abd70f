import type { IdempotencyStore } from '@latchkey/core'
import { drawFrom } from './draw.js'
import { type Call, type Operation, perform, Unanswered } from './operation.js'
import { VirtualTime } from './virtual-time.js'
import { runHistory, type World } from './workload.js'

/** A client waits no longer for an answer. */
const patienceMs = 25

/** Calls arrive in bursts, so that many meet at the same moment. Leases and ttls are multiples of it: calls meet their ends, too. */
const burstMs = 4

/** By how much the clocks of the clients' applications are wrong: what a store must not go by. */
const skewsMs = [0, 40, -40, 0]

/** What befalls a call on its way to the store or back. */
type Fate = 'arrives' | 'is lost' | 'is late' | 'is answered in vain'

const fates: ReadonlyArray<readonly [number, Fate]> = [
  [88, 'arrives'],
  [4, 'is lost'],
  [4, 'is late'],
  [4, 'is answered in vain'],
]

/**
 * A history over a store in this process, in virtual time, behind a network that delays what is asked and answered, and loses some of
 * it: the same for the same seed.
 *
 * @param open given the clock, which a store that goes by the application's finds to be the caller's.
 */
export async function simulate(
  seed: string,
  open: (clock: { storeMs(): number; callerMs(): number }) => IdempotencyStore,
): Promise<Operation[]> {
  const time = new VirtualTime()
  let caller = 0
  const store = open({ storeMs: time.nowMs, callerMs: () => time.nowMs() + skewsMs[caller]! })
  const network = drawFrom(`${seed} network`)

  const carryOut = (client: number, call: Call) => {
    caller = client
    return perform(store, call)
  }
  const ask: World['ask'] = async (client, call) => {
    const fate = network.weighted(fates)
    const answered = async () => {
      if (fate === 'is lost') return time.sleep(patienceMs).then(() => undefined)
      const delayMs = network.below(fate === 'is late' ? 4 * patienceMs : 2 * burstMs)
      await time.sleep(delayMs + burstMs - ((time.nowMs() + delayMs) % burstMs))
      const answer = await carryOut(client, call)
      await time.sleep(network.below(4))
      return answer
    }
    const patience = time.sleep(patienceMs).then(() => undefined)
    const answer = await Promise.race([answered(), patience])
    if (answer === undefined || fate === 'is answered in vain') throw new Unanswered()
    return answer
  }
  return time.during(runHistory(seed, { ask, nowMs: time.nowMs, sleep: time.sleep }))
}
