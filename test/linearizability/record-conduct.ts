import type { Draw } from './draw.js'
import type { RecordCall } from './operation.js'
import type { Conduct } from './workload.js'

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

type Claim = Extract<RecordCall, { kind: 'claim' }>

/** What owners, late owners and operators do with the record of a request. */
export const recordConduct: Conduct = {
  next: (key, own, name, draw) => {
    const action = draw.weighted(own.length === 0 ? emptyHanded : withToken)
    return action === 'pause' ? action : callFor(action, key, own as readonly Claim[], name, draw)
  },
  isClaim: ({ kind }) => kind === 'claim',
  look: (key) => ({ kind: 'claim', key, token: 'the last look', ...lookWith, takeOver: false }),
  expected: [
    ...['claimed', 'running', 'lapsed', 'mismatch', 'settled', 'tombstone', 'no answer'].map(
      (said) => `claim: ${said}`,
    ),
    ...['renew', 'settle', 'tombstone', 'release'].flatMap((write) => [`${write}: ok`, `${write}: stale`]),
    ...['ok', 'live', 'absent'].map((said) => `resolve: ${said}`),
  ],
}

const lookWith = { fingerprint: 'f', leaseMs: 10_000, ttlMs: 600_000 }

function callFor(
  action: Exclude<Action, 'pause'>,
  key: string,
  own: readonly Claim[],
  name: string,
  draw: Draw,
): RecordCall {
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
