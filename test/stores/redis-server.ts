import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The server's program: `valkey-server`, or an older one. */
const program = process.env.REDIS_SERVER ?? 'redis-server'

const howToGetIt = 'install redis-server (Debian: apt-get install redis-server)'

/** Why tests with servers of their own cannot run here; `undefined`: they can. Under CI they have to, and fail instead. */
export function noRedisServer(): string | undefined {
  if (process.env.LATCHKEY_TEST_SERVICES === 'none') return 'LATCHKEY_TEST_SERVICES is none'
  const isThere = spawnSync(program, ['--version']).status === 0
  return isThere || process.env.CI === 'true' ? undefined : `there is no ${program} here: ${howToGetIt}`
}

/** Why tests on any Redis cannot run here. */
export function noRedis(): string | undefined {
  if (process.env.REDIS_URL === undefined || process.env.LATCHKEY_TEST_SERVICES === 'none') {
    const reason = noRedisServer()
    return reason?.startsWith('there is') ? `${reason}, or set REDIS_URL` : reason
  }
  return undefined
}

export interface RedisServer {
  readonly port: number
  readonly url: string
  /** Ends it as a crash does, and waits until it has gone. What it held is lost, unless it has `--appendonly`. */
  kill(): Promise<void>
  /** Starts it again, on the same port, with these settings besides its own. */
  restart(...settings: string[]): Promise<void>
  /** The same, and does not wait until it has loaded its data. */
  beginRestart(...settings: string[]): Promise<void>
  /** Ends it for good, and takes its folder away. */
  remove(): Promise<void>
}

/** A server of the test's own that keeps nothing on disk. */
export async function startRedis(...settings: string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-redis-'))
  const port = await freePort()
  const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const own = [...common, ...settings]
  let child = await start(own, isReady)
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    restart: async (...more) => {
      await kill()
      child = await start([...own, ...more], isReady)
    },
    beginRestart: async (...more) => {
      await kill()
      child = await start([...own, ...more], isInitialized)
    },
    remove: async () => {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}

const isReady = 'eady to accept connections'
const isInitialized = 'Server initialized'

/** Starts the program, and waits for a line of its log. */
async function start(settings: readonly string[], line: string): Promise<ChildProcess> {
  const child = spawn(program, settings, { stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${howToGetIt}\n${log}`)))
    child.stdout.on('data', (chunk: Buffer) => {
      log += chunk
      if (log.includes(line)) resolve()
    })
  })
  return child
}

/** The bus of a Cluster is 10000 above. */
const highestPort = 55_535

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port <= highestPort ? port : freePort()
}
