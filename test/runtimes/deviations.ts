import type { WebAdapter } from '../lab/web-lab.js'
import type { WebName } from './runtimes.js'

/** Cases that do not hold, and why. */
export interface Deviation {
  readonly runtimes: readonly WebName[]
  readonly adapters: readonly WebAdapter[]
  readonly reason: string
  readonly cases: readonly string[]
}

const everywhere = { runtimes: ['bun', 'deno', 'workers'], adapters: ['hono', 'fetch'] } as const
const both = ['hono', 'fetch'] as const

/** Every deviation of a host of fetch handlers from what Node does. What is refused on Node is refused here, too, unless it says so. */
export const allDeviations: readonly Deviation[] = [
  {
    ...everywhere,
    reason: 'repeated fields arrive joined: they are refused as an invalid credential, not as an ambiguous one',
    cases: [
      'credentials: Authorization twice is ambiguous',
      'credentials: Authorization twice, the same is ambiguous',
      'credentials: Authorization twice, one foreign is ambiguous',
      'credentials: X-API-Key twice is ambiguous',
      'credentials: X-API-Key twice, the second empty is ambiguous',
      'credentials: X-API-Key twice, both empty is ambiguous',
      'credentials: X-API-Key twice, the second a no-break space is ambiguous',
    ],
  },
  {
    ...everywhere,
    reason: 'repeated fields arrive joined: a signature over each line of a field cannot be verified, and is refused',
    cases: ['rfc9421: lines of a field can be signed one by one, and are then not one line'],
  },
  {
    runtimes: ['bun', 'deno', 'workers'],
    adapters: ['fetch'],
    reason: 'no framework makes a reply of what a handler throws: there is none to replay, and a retry gets 409',
    cases: [
      'a handler whose effects are out is never run again, although it throws',
      "a client that gave up gets on retry what was made of the handler's error (kind=pin-then-throw)",
      'where server errors are stored, they are replayed',
    ],
  },
  {
    runtimes: ['deno', 'workers'],
    adapters: both,
    reason: 'the server takes heads of 20 kB',
    cases: ['odd requests: a head that is too long is refused by the server, and the server lives on'],
  },
  {
    runtimes: ['deno'],
    adapters: both,
    reason: 'the server closes a connection on which it has left a body unread',
    cases: ['bodies: after a refusal that left the body unread the connection goes on'],
  },
  {
    runtimes: ['deno'],
    adapters: both,
    reason:
      'a request target in absolute form is the URL, scheme and all: `requireHttps` believes the client that it came by HTTPS',
    cases: ['where HTTPS is required, a request target that claims it proves nothing about the connection'],
  },
  {
    runtimes: ['workers'],
    adapters: both,
    reason: 'the server takes it for chunks, for which the guard waits until its own time is up',
    cases: ['odd requests: a length and a transfer coding reaches nobody'],
  },
  {
    runtimes: ['workers'],
    adapters: ['hono'],
    reason: 'the runtime compresses what `hono/compress` has compressed; Workers compress by themselves',
    cases: ['behind compression plain bytes are stored, and each client gets what it accepts'],
  },
]

/** The deviations of one adapter on one runtime, as a suite takes them. */
export function deviations(runtime: WebName, adapter: WebAdapter): Readonly<Record<string, string>> {
  const mine = allDeviations.filter((each) => each.runtimes.includes(runtime) && each.adapters.includes(adapter))
  return Object.fromEntries(mine.flatMap(({ cases, reason }) => cases.map((name) => [name, reason] as const)))
}
