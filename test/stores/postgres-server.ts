import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Client } from 'pg'

const howToGetIt = 'install postgresql (Debian: apt-get install postgresql)'

/** Why tests with servers of their own cannot run here; `undefined`: they can. Under CI they have to, and fail instead. */
export function noPostgresPrograms(): string | undefined {
  if (process.env.LATCHKEY_TEST_SERVICES === 'none') return 'LATCHKEY_TEST_SERVICES is none'
  if (process.env.CI === 'true' || binaries() !== undefined) return undefined
  return `there is no initdb here: ${howToGetIt}`
}

/** Why tests on any Postgres cannot run here. */
export async function noPostgres(): Promise<string | undefined> {
  const reason = noPostgresPrograms()
  if (reason === undefined || !reason.startsWith('there is')) return reason
  return (await runningServer()) === undefined ? `${reason}, or set DATABASE_URL` : undefined
}

/** A server that answers, or one of the test's own. */
export async function anyPostgres(): Promise<{ url: string; remove(): void }> {
  const url = await runningServer()
  return url === undefined ? startPostgres() : { url, remove: () => undefined }
}

/** The server that the environment names, or else the one that this machine has. */
async function runningServer(): Promise<string | undefined> {
  const { DATABASE_URL, PGHOST } = process.env
  if (DATABASE_URL !== undefined) return DATABASE_URL
  if (PGHOST !== undefined)
    return `postgres://${process.env.PGUSER ?? 'postgres'}@/${process.env.PGDATABASE ?? 'test'}?host=${encodeURIComponent(PGHOST)}`
  const url = 'postgres://postgres@127.0.0.1:5432/test'
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  try {
    await client.connect()
    await client.end()
    return url
  } catch {
    return undefined
  }
}

export interface PostgresServer {
  readonly url: string
  /** Starts it again, after it has ended as a crash ends it. What it answered is there. */
  crash(): void
  stop(): void
  start(): void
  /** Ends the server's processes, the main one first, as `kill -9` does. */
  kill(): void
  /** Ends it for good, and takes its folder away. */
  remove(): void
}

/** A server of the test's own, by the programs of this machine. */
export async function startPostgres(): Promise<PostgresServer> {
  const bin = binaries()
  if (bin === undefined) throw new Error(`there is no initdb here: ${howToGetIt}`)
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-postgres-'))
  const user = ownerOf(folder)
  const data = join(folder, 'data')
  const port = await freePort()
  const run = (program: string, ...args: string[]) =>
    void execFileSync(join(bin, program), args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder, ...user })
  const control = (...args: string[]) => run('pg_ctl', '-D', data, '-w', '-t', '30', ...args)
  const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder} -c max_connections=100`
  const start = () => control('-l', join(folder, 'log'), '-o', settings, 'start')
  run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '-N')
  start()
  const stop = () => control('-m', 'immediate', 'stop')
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    start,
    stop,
    kill: () => {
      const file = join(data, 'postmaster.pid')
      const main = Number.parseInt(readFileSync(file, 'utf8'), 10)
      const others = childrenOf(main)
      process.kill(main, 'SIGKILL')
      // One that waits for another that has ended would not notice, and no new server starts beside it.
      for (const pid of others) endIfThere(pid)
      // Where nobody buries orphans, the process that these name seems to live. Shared memory still keeps two servers apart.
      for (const lock of [file, join(folder, `.s.PGSQL.${port}.lock`)]) rmSync(lock)
    },
    crash: () => {
      stop()
      start()
    },
    remove: () => {
      spawnSync(join(bin, 'pg_ctl'), ['-D', data, '-w', '-m', 'immediate', 'stop'], { cwd: folder, ...user })
      rmSync(folder, { recursive: true })
    },
  }
}

function childrenOf(pid: number): readonly number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  return (stdout ?? '').split('\n').filter(Boolean).map(Number)
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Postgres does not run as root: then it is the user of its package, to whom the folder goes, too. */
function ownerOf(folder: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const numberOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  const owner = { uid: numberOf('-u'), gid: numberOf('-g') }
  chownSync(folder, owner.uid, owner.gid)
  return owner
}

/** Where initdb is: on the path, or where Debian has it, the newest first. */
function binaries(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]
  return folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
