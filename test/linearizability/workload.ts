import { type Draw, drawFrom } from './draw.js'
import { type Answer, type Call, type Operation, Unanswered } from './operation.js'

/** Where the clients of a history are: what they ask, and their clock. */
export interface World {
  /** Carries the call out for this client. Rejects with `Unanswered` where the client cannot know whether it was. */
  ask(client: number, call: Call): Promise<Answer>
  nowMs(): number
  sleep(milliseconds: number): Promise<void>
}

const clients = 4
const keys = 2
const steps = 9
/** After so many calls without an answer a client gives up: each may take effect at any time, which makes the search long. */
const mostUnanswered = 3

/** What clients do to one key, at random. */
export interface Conduct {
  /**
   * The next call on this key, or a pause.
   *
   * @param own what this client has claimed there, the last first.
   * @param name told apart from all others of the history.
   */
  next(key: string, own: readonly Call[], name: string, draw: Draw): Call | 'pause'
  /** Whether the client holds a token since this call, or hopes so. */
  isClaim(call: Call): boolean
  /** A call that shows how the key was left. */
  look(key: string): Call
  /** What is said in histories that show something. */
  readonly expected: readonly string[]
}

/**
 * Lets several clients do at random what owners, late owners and operators do, on a few keys, and writes down what they saw. They
 * know the leases and hold on to tokens that are stale, which is what fences are for.
 */
export async function runHistory(seed: string, conduct: Conduct, world: World): Promise<Operation[]> {
  const history: Operation[] = []
  const startMs = world.nowMs()
  let position = 0

  const ask = async (client: number, call: Call): Promise<boolean> => {
    const [began, beganMs] = [position++, world.nowMs() - startMs]
    const index = history.push({ client: `client ${client}`, call, began, beganMs }) - 1
    try {
      const answer = await world.ask(client, call)
      history[index] = { ...history[index]!, answer, ended: position++, endedMs: world.nowMs() - startMs }
      return true
    } catch (error) {
      if (error instanceof Unanswered) return false
      throw error
    }
  }

  const run = async (client: number): Promise<void> => {
    const draw = drawFrom(`${seed} client ${client}`)
    const claims = new Map<string, Call[]>()
    let unanswered = 0
    for (let step = 0; step < steps && unanswered < mostUnanswered; step++) {
      const key = `${seed} key ${draw.below(keys)}`
      const own = claims.get(key) ?? []
      const call = conduct.next(key, own, `${client}.${step}`, draw)
      if (call === 'pause') await world.sleep(draw.below(70))
      else {
        if (conduct.isClaim(call)) claims.set(key, [call, ...own.filter((each) => tokenOf(each) !== tokenOf(call))])
        if (!(await ask(client, call))) unanswered++
      }
      await world.sleep(draw.below(12))
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)))

  // What is left of each key, so that nothing that was acknowledged is lost unseen.
  for (let key = 0; key < keys; key++) {
    const look = conduct.look(`${seed} key ${key}`)
    for (let attempt = 0; attempt < 20 && !(await ask(0, look)); attempt++) await world.sleep(100)
  }
  return history
}

const tokenOf = (call: Call) => ('token' in call ? call.token : undefined)
