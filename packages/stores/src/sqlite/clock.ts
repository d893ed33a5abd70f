import type { Connection } from './connection.js'

/** A clock that only counts, and what it counts from. */
interface Counter {
  /** The same for all processes that share the counter, another after every start of the machine. */
  readonly since: string
  readonly elapsedMs: () => number
}

/**
 * The clock of a database, in whole epoch milliseconds: the same for every process on the machine, and untouched when somebody
 * sets the wall clock. On Linux it is the kernel's monotonic clock plus an offset, which the first process after a start of
 * the machine writes into the database and all others read there. Elsewhere it is the wall clock.
 */
export function databaseClock(connection: Connection): () => number {
  const counter = machineCounter()
  if (counter === undefined) return Date.now
  const { since, elapsedMs } = counter
  const select = connection.prepare(`SELECT value FROM latchkey_meta WHERE name = 'clock'`)
  const read = () => offsetSince(connection.first(select)?.value, since)
  const offsetMs =
    read() ??
    connection.transaction(() => {
      const known = read()
      if (known !== undefined) return known
      const offset = Math.round(Date.now() - elapsedMs())
      const insert = `INSERT INTO latchkey_meta VALUES ('clock', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`
      connection.write(connection.prepare(insert), `${offset} ${since}`)
      return offset
    })
  return () => Math.floor(offsetMs + elapsedMs())
}

function offsetSince(value: unknown, since: string): number | undefined {
  const [offset, boot] = typeof value === 'string' ? value.split(' ') : []
  return boot === since && Number.isSafeInteger(Number(offset)) ? Number(offset) : undefined
}

/** No machine runs for ten years without a restart. */
const longestUptimeMs = 315_360_000_000

/** CLOCK_MONOTONIC, told apart by boot and by time namespace: within both it is one for all processes. */
function machineCounter(): Counter | undefined {
  const process = globalThis.process
  const { bun, deno } = process.versions as { bun?: string; deno?: string }
  // Their hrtime counts from the start of the process.
  if (process.platform !== 'linux' || bun !== undefined || deno !== undefined) return undefined
  try {
    const fs = process.getBuiltinModule('node:fs')
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
    const namespace = fs.readlinkSync('/proc/self/ns/time')
    const countMs = () => {
      const [seconds, nanoseconds] = process.hrtime()
      return seconds * 1000 + nanoseconds / 1_000_000
    }
    // A library that gives this process a clock of its own (libfaketime) counts from the epoch here, too. Text of the kernel
    // is beyond its reach; reading it takes some ten microseconds.
    const readMs = () => Number.parseFloat(fs.readFileSync('/proc/uptime', 'latin1')) * 1000
    return { since: `${boot}/${namespace}`, elapsedMs: countMs() < longestUptimeMs ? countMs : readMs }
  } catch {
    // An older kernel, or /proc is not there.
    return undefined
  }
}
