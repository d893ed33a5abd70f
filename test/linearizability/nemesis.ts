import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy } from '../faults/fault-proxy.js'
import type { Draw } from './draw.js'
import type { StoreClient } from './store-client.js'

/** Something goes wrong, and is right again when it ends. */
export interface Fault {
  readonly name: string
  /** How often it strikes, next to the others. */
  readonly weight: number
  strike(draw: Draw): Promise<void>
}

/** What befalls processes, wherever their store is. */
export function processFaults(clients: readonly StoreClient[]): Fault[] {
  const oneOf = (draw: Draw) => clients[draw.below(clients.length)]!
  return [
    {
      name: 'a process is killed',
      weight: 1,
      strike: async (draw) => {
        const client = oneOf(draw)
        await client.kill()
        await client.start()
      },
    },
    {
      name: 'a process stands still past its leases',
      weight: 3,
      strike: async (draw) => {
        const client = oneOf(draw)
        await client.signal('SIGSTOP')
        await sleep(60 + draw.below(200))
        await client.signal('SIGCONT')
      },
    },
  ]
}

/** What befalls the way from one process to its server. */
export function networkFaults(ways: readonly FaultProxy[]): Fault[] {
  const faults = ['cut', 'half-open', 'black-hole', { delayMs: 80 }] as const
  return [
    ...faults.map((fault) => ({
      name: typeof fault === 'string' ? `the network: ${fault}` : 'the network: delay',
      weight: 3,
      strike: async (draw: Draw) => {
        const way = ways[draw.below(ways.length)]!
        await way.inject(fault)
        await sleep(30 + draw.below(200))
        await way.inject('none')
      },
    })),
    {
      name: 'the network: replies are lost',
      weight: 6,
      strike: async (draw) => ways[draw.below(ways.length)]!.dropReplies(1 + draw.below(4)),
    },
  ]
}

/** Strikes again and again until it is told to stop. */
export class Nemesis {
  readonly #faults: readonly Fault[]
  readonly #draw: Draw
  readonly #struck = new Map<string, number>()
  readonly #strikes: Promise<void>
  #isOver = false
  #hasFailed = false

  constructor(faults: readonly Fault[], draw: Draw) {
    this.#faults = faults
    this.#draw = draw
    this.#strikes = this.#strike()
    // Told by `stop`.
    this.#strikes.catch(() => {
      this.#hasFailed = true
    })
  }

  /** Whether each fault has struck. */
  get hasDoneItsWorst(): boolean {
    return this.#struck.size === this.#faults.length
  }

  /** Whether a fault could not be done, or undone: `stop` says which. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** How often each has struck. */
  async stop(): Promise<Record<string, number>> {
    this.#isOver = true
    await this.#strikes
    return Object.fromEntries(this.#struck)
  }

  async #strike(): Promise<void> {
    while (!this.#isOver && this.#faults.length > 0) {
      await sleep(20 + this.#draw.below(100))
      // Each once, and then by chance.
      const [first] = this.#faults.filter(({ name }) => !this.#struck.has(name))
      const fault = first ?? this.#draw.weighted(this.#faults.map((each) => [each.weight, each]))
      await fault.strike(this.#draw)
      this.#struck.set(fault.name, (this.#struck.get(fault.name) ?? 0) + 1)
    }
  }
}
