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

type Action = 'claim' | 'claim again' | 'renew' | 'settle' | 'tombstone' | 'release' | 'resolve' | 'pause'

const emptyHanded: ReadonlyArray<readonly [number, Action]> = [
  [80, 'claim'],
  [6, 'resolve'],
  [14, 'pause'],
]

const withToken: ReadonlyArray<readonly [number, Action]> = [
  [24, 'claim'],
  [8, 'claim again'],
  [14, 'renew'],
  [20, 'settle'],
  [4, 'tombstone'],
  [12, 'release'],
  [8, 'resolve'],
  [14, 'pause'],
]

/**
 * Lets several clients do at random what owners, late owners and operators do, on a few keys, and writes down what they saw. They
 * know the leases and hold on to tokens that are stale, which is what fences are for.
 */
export async function runHistory(seed: string, world: World): Promise<Operation[]> {
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
    const claims = new Map<string, Extract<Call, { kind: 'claim' }>[]>()
    let unanswered = 0
    for (let step = 0; step < steps && unanswered < mostUnanswered; step++) {
      const key = `${seed} key ${draw.below(keys)}`
      const own = claims.get(key) ?? []
      const action = draw.weighted(own.length === 0 ? emptyHanded : withToken)
      if (action === 'pause') await world.sleep(draw.below(70))
      else {
        const call = callFor(action, key, own, `${client}.${step}`, draw)
        if (call.kind === 'claim') claims.set(key, [call, ...own.filter(({ token }) => token !== call.token)])
        if (!(await ask(client, call))) unanswered++
      }
      await world.sleep(draw.below(12))
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, client) => run(client)))

  // What is left of each key, so that nothing that was acknowledged is lost unseen.
  for (let key = 0; key < keys; key++) {
    const look: Call = { kind: 'claim', key: `${seed} key ${key}`, ...lookAs('the last look'), takeOver: false }
    for (let attempt = 0; attempt < 20 && !(await ask(0, look)); attempt++) await world.sleep(100)
  }
  return history
}

const lookAs = (token: string) => ({ token, fingerprint: 'f', leaseMs: 10_000, ttlMs: 600_000 })

function callFor(
  action: Exclude<Action, 'pause'>,
  key: string,
  own: readonly Extract<Call, { kind: 'claim' }>[],
  name: string,
  draw: Draw,
): Call {
  const leaseMs = draw.weighted([
    [5, 20],
    [4, 48],
    [3, 10_000],
  ])
  const ttlMs = draw.weighted([
    [3, 600_000],
    [2, 32],
  ])
  // Most often the last one: an older one is stale, if the store is right.
  const mine = draw.chance(0.75) ? own[0] : own[draw.below(own.length)]
  switch (action) {
    case 'claim': {
      const fingerprint = draw.chance(0.1) ? 'another' : 'f'
      return { kind: 'claim', key, token: `t${name}`, fingerprint, leaseMs, ttlMs, takeOver: draw.chance(0.8) }
    }
    case 'claim again':
      return { ...mine!, leaseMs }
    case 'renew':
      return { kind: 'renew', key, token: mine!.token, leaseMs, ttlMs }
    case 'settle':
    case 'tombstone':
      return { kind: action, key, token: mine!.token, content: `r${name}`, ttlMs }
    case 'release':
      return { kind: 'release', key, token: mine!.token }
    case 'resolve':
      return { kind: 'resolve', key, ttlMs, ...(draw.chance(0.6) && { content: `r${name}` }) }
  }
}
