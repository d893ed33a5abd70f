import { memoryStore } from '@latchkey/core'
import type { ProtectOptions } from '@latchkey/fetch'
import type { MountOptions } from '@latchkey/hono'
import { fetchApp } from './fetch-app.js'
import { guardOptions } from './guards.js'
import { honoApp } from './hono-app.js'
import { labKeys } from './keys.js'
import type { GuardSettings } from './options.js'
import { runCounter } from './runs.js'
import type { WebLab } from './start.js'
import { labFaults } from './store-faults.js'

/** The adapters that need nothing of Node but `node:crypto`. */
export type WebAdapter = 'hono' | 'fetch'

/** What a runtime is told when it starts a lab. */
export interface WebLabOptions {
  readonly adapter: WebAdapter
  readonly seed: string
  readonly options: GuardSettings
}

/** How the adapters are mounted on a host. */
export interface WebHost {
  readonly hono?: MountOptions
  readonly fetch?: ProtectOptions<unknown[]>
}

/** A lab over memory for a host that calls fetch handlers, whatever its runtime. Its keys are those of the seed. */
export async function webLab({ adapter, seed, options }: WebLabOptions, host: WebHost = {}): Promise<WebLab> {
  const store = memoryStore()
  await labKeys(store, seed)
  const faults = labFaults(store)
  const parts = { faults, runs: runCounter(), guards: guardOptions(faults.store, options) }
  return adapter === 'hono' ? honoApp(parts, host.hono) : fetchApp(parts, host.fetch)
}
