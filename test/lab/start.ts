import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IdempotencyGuard } from '@latchkey/core'
import { type GuardOptions, guardOptions } from './guards.js'
import { type LabKeys, labKeys } from './keys.js'
import type { Adapter, LabOptions } from './options.js'
import { type Runs, runCounter } from './runs.js'
import { openStore } from './store.js'
import { type LabFaults, labFaults } from './store-faults.js'

/** What a framework's file mounts. */
export interface LabParts {
  readonly guards: GuardOptions
  readonly runs: Runs
  readonly faults: LabFaults
}

/** The lab on one framework, not yet listening. */
export interface MountedLab {
  readonly server: Server
  readonly guards: readonly Pick<IdempotencyGuard, 'close'>[]
}

/** The lab on an adapter that is a fetch handler, not yet called by any host. */
export interface WebLab extends Pick<MountedLab, 'guards'> {
  fetch(request: Request, ...host: unknown[]): Response | Promise<Response>
}

export interface RunningLab {
  readonly url: string
  readonly server: Server
  readonly keys: LabKeys
  /** Takes no new requests, lets those that run finish for so long, then cuts what is left. */
  close(drainSeconds?: number): Promise<void>
}

/** A lab loads its own framework alone: it starts in half the time. */
const labs: Readonly<Record<Adapter, () => Promise<(parts: LabParts) => MountedLab>>> = {
  express: async () => (await import('./express.js')).expressLab,
  express4: async () => {
    const [{ expressLab }, express4] = await Promise.all([import('./express.js'), import('express4')])
    return (parts) => expressLab(parts, express4.default)
  },
  koa: async () => (await import('./koa.js')).koaLab,
  koa2: async () => {
    const [{ koaLab }, koa2] = await Promise.all([import('./koa.js'), import('koa2')])
    return (parts) => koaLab(parts, koa2.default)
  },
  hono: async () => (await import('./hono.js')).honoLab,
}

/**
 * Starts a lab in this process, on the loopback address.
 *
 * @param mount the lab on the framework, where it is not the one that `options` name.
 */
export async function startLab(options: LabOptions, mount?: (parts: LabParts) => MountedLab): Promise<RunningLab> {
  const mounted = mount ?? (await labs[options.adapter]())
  const { storeTimeoutSeconds } = options.options?.idempotency ?? {}
  const guardSeconds = typeof storeTimeoutSeconds === 'number' ? Math.max(1, storeTimeoutSeconds) : 1
  const store = await openStore(options.store ?? 'memory', guardSeconds)
  const keys = await labKeys(store, options.seed)
  const faults = labFaults(store)
  const { server, guards } = mounted({
    faults,
    runs: runCounter(),
    guards: guardOptions(options.seen?.(faults.store) ?? faults.store, options.options),
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    keys,
    close: async (drainSeconds = 0) => {
      const drained = new Promise<void>((resolve) => server.close(() => resolve()))
      // `close` ends connections that are idle now; those that become so with their last reply are ended here.
      const sweep = setInterval(() => server.closeIdleConnections(), 50)
      const settled = guards.map((guard) => guard.close({ drainSeconds }))
      const late = new AbortController()
      const { signal } = late
      await Promise.race([Promise.all([drained, ...settled]), sleep(drainSeconds * 1000, undefined, { signal })])
      late.abort()
      server.closeAllConnections()
      await drained
      clearInterval(sweep)
      await store.close()
    },
  }
}
