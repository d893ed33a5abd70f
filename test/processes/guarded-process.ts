import { randomUUID } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../adapters/suite.js'
import { type Answer, post } from './client.js'
import { patience } from './lab-process.js'
import { type ServerProcess, serverProcess } from './server-process.js'

const script = fileURLToPath(new URL('../dist/processes/guarded-server.js', import.meta.url))

/** Where a process of the suite can be told to die. */
export const killPoints = [
  'after the claim',
  'in the handler',
  'before it settles',
  'while it settles',
  'after it has settled',
] as const

export interface GuardedProcess extends ServerProcess {
  readonly pid: number
  /** Posts a charge; rejects where the process dies over it. */
  charge(key: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
}

/** Servers over one store, with a log that they all write to. */
export function guardedProcesses(store: string) {
  const folder = temporaryFolder()
  const log = join(folder, 'log')
  writeFileSync(log, '')
  const entries = () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
  return {
    async start(options: object, dieAt: (typeof killPoints)[number] | 'never' = 'never'): Promise<GuardedProcess> {
      const args = [
        '--store',
        store,
        '--log',
        log,
        '--die-at',
        dieAt,
        '--options',
        JSON.stringify({ ...patience(), ...options }),
      ]
      const server = await serverProcess(script, args)
      const { pid } = JSON.parse(server.output()) as { pid: number }
      const charge: GuardedProcess['charge'] = (key, headers) =>
        post(`${server.url}/charge`, { 'idempotency-key': key, ...headers })
      return { ...server, pid, charge }
    },
    /** The attempts in which handlers have run, of all processes or of one, in their order. */
    attempts: (pid?: number): number[] =>
      entries().flatMap((entry) =>
        entry.attempt !== undefined && (pid ?? entry.pid) === entry.pid ? [entry.attempt] : [],
      ),
    /** How often the guard of this process has told of this. */
    events: (pid: number, type: string): number =>
      entries().filter((entry) => entry.pid === pid && entry.event === type).length,
    /** A gate at which a handler can be held. */
    gate(): { readonly path: string; open(): void } {
      const path = join(folder, `gate-${randomUUID()}`)
      return { path, open: () => writeFileSync(path, '') }
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
