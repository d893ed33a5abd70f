import type { Area, Effort, Goal, Group, Kind, Row } from '../area.js'
import { askedBy, load, type Measured, sendFirst } from '../http/load.js'
import { RunningServer } from '../http/running-server.js'
import type { Framework, Task } from '../http/task.js'
import { paired, spreadOf } from '../spread.js'

/** What the servers of one run differ in; the first is what all others are compared with. */
interface Variant {
  readonly name: string
  readonly kind: Kind
  readonly remark?: string
}

const common: readonly Variant[] = [
  { name: 'bare', kind: 'bare' },
  { name: 'no-op', kind: 'bare', remark: 'a middleware that does nothing' },
  { name: 'floor', kind: 'floor', remark: 'written out by hand' },
  { name: 'latchkey', kind: 'latchkey' },
]

const peers: Readonly<Record<Task, Readonly<Partial<Record<Framework, readonly Variant[]>>>>> = {
  keys: {
    express: [
      { name: 'express-rate-limit', kind: 'peer', remark: 'checks no key' },
      {
        name: 'passport-http-bearer',
        kind: 'peer',
        remark: 'the application hashes and looks up; no checksum, no scopes',
      },
    ],
    hono: [
      {
        name: 'bearerAuth({ verifyToken })',
        kind: 'peer',
        remark: 'the application hashes and looks up; no checksum, no scopes',
      },
    ],
  },
  idempotency: {
    express: [
      {
        name: '@node-idempotency',
        kind: 'peer',
        remark: 'behind the parser, with a thin middleware of ours; one scope, no fencing',
      },
      { name: 'express-idempotency', kind: 'peer', remark: 'a list in memory; two requests at once both run' },
    ],
  },
  signatures: { express: [{ name: 'standardwebhooks', kind: 'peer', remark: 'parses the JSON too' }] },
}

const frameworks = ['express', 'koa', 'hono'] as const

/** The share of the bare framework's requests a second that is to be left with Latchkey, by kind of request. */
const shares: Readonly<Record<'keys' | 'new' | 'replay', Readonly<Record<Framework, number>>>> = {
  keys: { express: 0.88, koa: 0.9, hono: 0.79 },
  new: { express: 0.88, koa: 0.8, hono: 0.75 },
  replay: { express: 1, koa: 1, hono: 0.93 },
}

/** So many times the requests a second of the best peer, with new idempotency keys. */
const overPeer = 1.15

/** Each guard on each framework, against the framework alone: processor time of the server first, then requests a second. */
export const http: Area = async function* (effort) {
  for (const framework of frameworks) {
    yield* servers('API key', 'keys', framework, effort)
    yield* servers('Idempotency, new keys', 'idempotency', framework, effort)
    yield* servers('Idempotency, replays', 'idempotency', framework, effort, 'replay')
    yield* servers('Signature over 1 KiB', 'signatures', framework, effort)
  }
}

async function* servers(
  title: string,
  task: Task,
  framework: Framework,
  effort: Effort,
  keys: 'new' | 'replay' = 'new',
): AsyncGenerator<Group, void, undefined> {
  const variants = [...common, ...(peers[task][framework] ?? [])]
  const asked = await askedBy(task, keys)
  const running = await Promise.all(variants.map(({ name }) => RunningServer.start({ framework, task, variant: name })))
  try {
    for (const server of running) {
      // Each key once before it is repeated: requests with one key at once are conflicts, not replays.
      if (keys === 'replay') await sendFirst(server.url)
      await load(server.url, asked, effort.requests)
    }
    const samples = variants.map(() => [] as (Measured & { usedUs: number })[])
    for (let round = 0; round < effort.rounds; round++) {
      for (let turn = 0; turn < variants.length; turn++) {
        const at = (turn + round) % variants.length
        const server = running[at]!
        const before = await server.usage()
        const measured = await load(server.url, asked, effort.requests)
        samples[at]!.push({ ...measured, usedUs: ((await server.usage()) - before) / effort.requests })
      }
    }
    const kind = task === 'idempotency' ? keys : task
    yield groupOf(
      `${title} on ${framework}`,
      variants,
      samples,
      kind === 'signatures' ? undefined : shares[kind][framework],
    )
  } finally {
    await Promise.all(running.map((server) => server.stop()))
  }
}

function groupOf(
  title: string,
  variants: readonly Variant[],
  samples: readonly (readonly (Measured & { usedUs: number })[])[],
  leastShare: number | undefined,
): Group {
  const used = samples.map((own) => own.map(({ usedUs }) => usedUs))
  const speeds = samples.map((own) => own.map(({ perSecond }) => perSecond))
  const over = used.map((own) => paired(own, used[0]!, (our, bare) => our - bare))
  const rows = variants.map(({ name, kind, remark }, at): Row => {
    const p99 = spreadOf(samples[at]!.map(({ p99Ms }) => p99Ms))
    const share = paired(speeds[at]!, speeds[0]!, (our, bare) => our / bare)
    const cells = [spreadOf(used[at]!), over[at]!, spreadOf(speeds[at]!), share, p99]
    return { name, kind, ...(remark !== undefined && { remark }), cells }
  })
  const place = (name: string) => variants.findIndex((variant) => variant.name === name)
  const [ours, floor, idle] = [place('latchkey'), place('floor'), place('no-op')]
  const goals: Goal[] = [
    {
      text: 'the processor time that Latchkey adds is at most 1.3 of what the floor adds',
      bound: 'at most',
      target: 1.3,
      reached: over[ours]!.median / Math.max(over[floor]!.median, 0.1),
    },
    {
      text: 'with Latchkey the processor time is at most 1.08 of that with a middleware that does nothing',
      bound: 'at most',
      target: 1.08,
      reached: paired(used[ours]!, used[idle]!, (our, other) => our / other).median,
    },
  ]
  if (leastShare !== undefined) {
    goals.push({
      text: `Latchkey leaves at least ${leastShare} of the requests a second of the bare framework`,
      bound: 'at least',
      target: leastShare,
      reached: paired(speeds[ours]!, speeds[0]!, (our, bare) => our / bare).median,
    })
  }
  if (title.startsWith('Idempotency, new') && variants.some(({ kind }) => kind === 'peer')) {
    const ratios = variants.flatMap(({ kind }, at) =>
      kind === 'peer' ? [paired(speeds[ours]!, speeds[at]!, (our, peer) => our / peer).median] : [],
    )
    goals.push({
      text: `Latchkey answers at least ${overPeer} as many requests a second as the best peer`,
      bound: 'at least',
      target: overPeer,
      reached: Math.min(...ratios),
    })
  }
  const columns = [
    { title: 'processor time a request', unit: 'µs' },
    { title: 'over bare', unit: 'µs' },
    { title: 'requests', unit: 'per second' },
    { title: 'to bare', unit: 'ratio' },
    { title: '99th percentile', unit: 'ms' },
  ] as const
  return { title, columns, rows, goals }
}
