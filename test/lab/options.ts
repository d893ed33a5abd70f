import { parseArgs } from 'node:util'
import type { Store } from '@latchkey/core'
import type { HttpSignaturePolicy } from '@latchkey/http-signatures'
import type { KeyHostTrouble } from './key-host.js'

/** The frameworks on which the lab runs; `express4` and `koa2` are the older majors that Latchkey supports too. */
export const adapters = ['express', 'koa', 'hono', 'express4', 'koa2'] as const

export type Adapter = (typeof adapters)[number]

/** Options handed to the guards of the lab, by the guard's name. */
export interface GuardSettings {
  readonly idempotency?: Readonly<Record<string, unknown>>
  readonly apiKey?: Readonly<Record<string, unknown>>
  /**
   * Options of every signature guard, and of the lab: `secrets` by scheme, `now` in epoch seconds, `policy` of `rfc9421`, `keyHost`:
   * what is wrong with the hosts of keys.
   */
  readonly signature?: Readonly<Record<string, unknown>> & {
    readonly secrets?: Readonly<Record<string, readonly string[]>>
    readonly now?: number
    readonly policy?: Partial<HttpSignaturePolicy>
    readonly keyHost?: KeyHostTrouble
  }
}

export interface LabOptions {
  readonly adapter: Adapter
  /** `memory`, `sqlite:` and the path of a file, or the URL of a database, `postgres://…` or `redis://…`. @defaultValue `'memory'` */
  readonly store?: string
  /** 0 takes any free port. @defaultValue 0 */
  readonly port?: number
  /** What the keys are derived from, so that two labs over one store agree on them. @defaultValue random */
  readonly seed?: string
  readonly options?: GuardSettings
  /** What the guards are given in the store's place; only where a lab is started from code. @defaultValue the store */
  readonly seen?: (store: Store) => Store
}

const usage = `npm run --silent lab -- --adapter ${adapters.join('|')} --store memory|sqlite:<path>|postgres://<…>|redis://<…> [--port 0] [--seed <text>] [--options '<json>']`

/** The command line was wrong; the message says what it must be. */
export class UsageError extends Error {
  constructor(complaint: string) {
    super(`${complaint}\nusage: ${usage}`)
  }
}

/** Reads the command line. */
export function labOptions(args: readonly string[]): LabOptions {
  const { adapter, store, port, seed, options } = flags(args)
  return {
    adapter: adapterNamed(adapter),
    store: storeNamed(store),
    port: portNumber(port),
    ...(seed !== undefined && { seed }),
    ...(options !== undefined && { options: guardSettings(options) }),
  }
}

function flags(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { adapter: text, store: text, port: text, seed: text, options: text }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function adapterNamed(name: string | undefined): Adapter {
  const adapter = adapters.find((known) => known === name)
  if (adapter === undefined) throw new UsageError(`--adapter must be one of ${adapters.join(', ')}, not ${name}`)
  return adapter
}

function storeNamed(store = 'memory'): string {
  if (store === 'memory' || /^(sqlite:|(postgres(ql)?|rediss?):\/\/)./.test(store)) return store
  throw new UsageError(`--store must be memory, sqlite:<path>, postgres://… or redis://…, not ${store.split(':')[0]}`)
}

function portNumber(text = '0'): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new UsageError(`--port must be 0 to 65535, not ${text}`)
  return Number(text)
}

function guardSettings(json: string): GuardSettings {
  const settings = parsed(json)
  if (!isObject(settings)) throw new UsageError('--options must be a JSON object')
  for (const [name, value] of Object.entries(settings)) {
    if (!['idempotency', 'apiKey', 'signature'].includes(name) || !isObject(value)) {
      throw new UsageError('--options may hold the objects idempotency, apiKey and signature')
    }
  }
  return settings
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    throw new UsageError('--options must be JSON')
  }
}

function isObject(value: unknown): value is Record<string, Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
