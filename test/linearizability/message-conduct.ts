import type { Conduct } from './workload.js'

type Action = 'reserve' | 'reserve again' | 'commit' | 'give up' | 'pause'

const emptyHanded: ReadonlyArray<readonly [number, Action]> = [
  [85, 'reserve'],
  [15, 'pause'],
]

const withToken: ReadonlyArray<readonly [number, Action]> = [
  [30, 'reserve'],
  [10, 'reserve again'],
  [22, 'commit'],
  [22, 'give up'],
  [16, 'pause'],
]

/** What receivers, and late ones, do with a message that comes again and again. */
export const messageConduct: Conduct = {
  next: (key, own, name, draw) => {
    const action = draw.weighted(own.length === 0 ? emptyHanded : withToken)
    const leaseMs = draw.weighted([
      [5, 20],
      [4, 48],
      [3, 10_000],
    ])
    const ttlMs = draw.weighted([
      [2, 600_000],
      [3, 32],
    ])
    const mine = draw.chance(0.75) ? own[0] : own[draw.below(own.length)]
    const token = mine !== undefined && 'token' in mine ? mine.token : ''
    switch (action) {
      case 'pause':
        return action
      case 'reserve':
        return { kind: 'reserve', key, token: `t${name}`, leaseMs }
      case 'reserve again':
        return { kind: 'reserve', key, token, leaseMs }
      case 'commit':
        return { kind: 'commit', key, token, ttlMs }
      case 'give up':
        return { kind: 'give up', key, token }
    }
  },
  isClaim: ({ kind }) => kind === 'reserve',
  look: (key) => ({ kind: 'reserve', key, token: 'the last look', leaseMs: 10_000 }),
  expected: [
    ...['reserved', 'running', 'committed', 'no answer'].map((said) => `reserve: ${said}`),
    ...['commit', 'give up'].flatMap((write) => [`${write}: ok`, `${write}: stale`]),
  ],
}
