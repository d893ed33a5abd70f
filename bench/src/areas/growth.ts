import { type ApiKeys, apiKeys, type IdempotencyStore, memoryStore } from '@latchkey/core'
import type { Area, Goal, Group } from '../area.js'
import type { Contender } from '../interleave.js'
import { interleave } from '../interleave.js'
import { storedBody } from '../memory/layouts.js'
import { inTurn } from '../peers/key-peers.js'
import { paired, spreadOf } from '../spread.js'

/** What an operation costs while more and more is stored: nothing that is measured may look at all of it. */
export const growth: Area = async function* (effort) {
  const sizes = [1000, 10_000, 100_000, 1_000_000].filter((size) => size <= effort.mostEntries)
  yield await grown('Claim and settle, with one record expiring for each', sizes.map(renewing), effort)
  yield await grown('Replay', sizes.map(replaying), effort)
  const keyed: Contender[] = []
  for (const size of sizes.filter((each) => each <= 100_000)) keyed.push(await verifying(size))
  yield await grown('keys.verify()', keyed, effort)
}

type Grown = Promise<Group>

/** A look into a large map misses the processor's caches; whatever looked at each record would take a thousand times as long. */
const mostGrowth = 4

async function grown(title: string, contenders: readonly Contender[], effort: Parameters<Area>[0]): Grown {
  const timings = await interleave(contenders, effort)
  const [least, most] = [contenders[0]!, contenders.at(-1)!]
  const rows = contenders.map(({ name, kind }) => {
    const own = timings.get(name)!
    const ratio = paired(own, timings.get(least.name)!, (our, first) => our / first)
    return { name, kind, cells: [spreadOf(own), ratio] }
  })
  const goal: Goal = {
    text: `with ${most.name} it takes at most ${mostGrowth} of the time with ${least.name}`,
    bound: 'at most',
    target: mostGrowth,
    reached: rows.at(-1)!.cells[1]!.median,
  }
  const columns = [
    { title: 'time', unit: 'ns' },
    { title: 'to the least', unit: 'ratio' },
  ] as const
  return { title, columns, rows, goals: contenders.length > 1 ? [goal] : [] }
}

const stored = (size: number) => `${size.toLocaleString('en')} stored`

/** A store in which each operation ages all by a millisecond: as many records expire as are added, and the store is to forget them. */
class Aging {
  readonly #size: number
  readonly #idempotency: IdempotencyStore
  #nowMs = 1_790_000_000_000
  #made = 0

  constructor(size: number) {
    this.#size = size
    const bounds = { maxRecords: size * 2, maxRecordsPerScope: size * 2, maxBytes: 2 ** 40 }
    this.#idempotency = memoryStore({ ...bounds, now: () => this.#nowMs }).idempotency
    for (let at = 0; at < size; at++) this.add()
  }

  add(): void {
    this.#nowMs++
    const id = `id-${this.#made++}`
    const ttlSeconds = this.#size / 1000
    const answer = this.#idempotency.claim(claimOf(id, ttlSeconds))
    if (!('outcome' in answer) || answer.outcome !== 'claimed') throw new Error('a new key was not new')
    this.#idempotency.settle(id, token, storedBody, ttlSeconds)
  }

  repeat(at: number): void {
    const answer = this.#idempotency.claim(claimOf(`id-${at % this.#size}`, 1))
    if (!('outcome' in answer) || answer.outcome !== 'settled') throw new Error('a repetition was not replayed')
  }
}

const token = 'the token of all'

function claimOf(id: string, ttlSeconds: number) {
  return { id, scope: 'alice', fingerprint: 'the same', token, leaseSeconds: 30, ttlSeconds, takeOver: false }
}

function renewing(size: number): Contender {
  const store = new Aging(size)
  return { name: stored(size), kind: 'latchkey', run: () => store.add() }
}

/** Asks for 256 of them: more would measure the processor's caches. */
function replaying(size: number): Contender {
  const store = new Aging(size)
  const next = inTurn(Array.from({ length: Math.min(size, 256) }, (_, at) => Math.floor((at * size) / 256) + 1))
  return { name: stored(size), kind: 'latchkey', run: () => store.repeat(next()) }
}

async function verifying(size: number): Promise<Contender> {
  const keys: ApiKeys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const texts: string[] = []
  for (let made = 0; made < size; made++) {
    const { key } = await keys.issue({ ownerId: `org_${made % 1000}`, environment: 'live' })
    if (made % Math.ceil(size / 256) === 0) texts.push(key)
  }
  const next = inTurn(texts)
  return { name: stored(size), kind: 'latchkey', run: () => keys.verify(next()) }
}
