import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Framework, soakGuards } from './soak-apps.js'
import type { Held } from './soak-server.js'
import { Traffic } from './traffic.js'

const script = fileURLToPath(new URL('../dist/soak/soak-server.js', import.meta.url))

/** All that is stored has expired by then, and connections that are kept alive are closed. */
const quietMs = 2_500
const windows = 8

/** What a soak came to. */
export interface Soaked {
  readonly requests: number
  readonly unexpected: readonly string[]
  /** What the server held in the quiet after each window of traffic, the first after the traffic that warms it up. */
  readonly held: readonly Held[]
  /** The 99th percentile of each window, in milliseconds. */
  readonly p99Ms: readonly number[]
}

/** Sends mixed traffic to one server for so long. */
export async function soak(framework: Framework, seconds: number, isLeaking = false): Promise<Soaked> {
  const args = isLeaking ? [framework, 'leaking'] : [framework]
  const server = fork(script, args, { execArgv: ['--expose-gc'] })
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    const traffic = new Traffic(port, (await soakGuards()).key)
    const held: Held[] = []
    const p99Ms: number[] = []
    const count = seconds < 60 ? 2 : windows
    for (let window = 0; window <= count; window++) {
      p99Ms.push(await traffic.flow((seconds * 1000) / (count + 1)))
      traffic.close()
      await pause(quietMs)
      held.push(await heldBy(server))
    }
    return { requests: traffic.requests, unexpected: traffic.unexpected, held, p99Ms: p99Ms.slice(1) }
  } finally {
    server.disconnect()
  }
}

async function heldBy(server: ReturnType<typeof fork>): Promise<Held> {
  server.send('what do you hold?')
  const [held] = (await once(server, 'message')) as [Held]
  return held
}

/** A compiler and its caches take some on their way; a leak of a hundred bytes a request takes more in half an hour. */
const freeBytes = 4 * 1024 * 1024

/** What grew over the windows, and should not have. */
export function growth({ held }: Soaked): string[] {
  const [first, last] = [held[0]!, held.at(-1)!]
  const complaints: string[] = []
  const grown = last.bytes - first.bytes
  if (grown > freeBytes) complaints.push(`${Math.round(grown / 1024)} KiB more are held at the end than at the start`)
  if (last.handles > first.handles) complaints.push(`${last.handles - first.handles} handles are left`)
  return complaints
}
