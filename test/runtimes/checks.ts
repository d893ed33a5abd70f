import { installBetterSqlite3 } from './installation.js'
import { binaryOf, type NodeName, type RuntimeName, root, runtimeNamed, runtimes, type WebName } from './runtimes.js'

/** One run of vitest, about one runtime. */
export interface Check {
  readonly runtime: RuntimeName
  readonly area: Area
  command(): {
    readonly file: string
    readonly args: readonly string[]
    readonly env?: Readonly<Record<string, string>>
  }
}

/** What is looked at; a row of the page each. */
export type Area = keyof typeof areas

export const areas = {
  adapters: 'The adapter suite over sockets, and the tests of the adapters',
  stores: 'The store suite: memory, SQLite, Redis by both clients, Postgres',
  'better-sqlite3': 'The store suite on a connection of better-sqlite3 12.6.2',
  command: 'The command `latchkey`',
  packages: 'The packed packages, imported and by `require` from CommonJS',
  hono: 'The adapter suite over sockets: `@latchkey/hono` and `@latchkey/fetch`; every signature vector',
  files: 'The store suite: memory, SQLite by `{ file }` and by a connection of libsql',
  'bun:sqlite': 'The store suite on a connection of `bun:sqlite`',
} as const

const vitest = `${root}node_modules/vitest/vitest.mjs`
const suites = ['--config', 'test/runtimes/vitest-config.ts']
const suite = (name: string) => [...suites, `test/runtimes/${name}-suite.ts`]
const stores = (...names: readonly string[]) => names.map((name) => `test/stores/${name}.test.ts`)
const adapters = ['node', 'express', 'koa', 'hono', 'fetch'].map((name) => `packages/${name}/src`)

function onNode(
  runtime: NodeName,
  area: Area,
  paths: readonly string[],
  env: () => Record<string, string> = () => ({}),
) {
  return { runtime, area, command: () => ({ file: binaryOf(runtime), args: [vitest, 'run', ...paths], env: env() }) }
}

function checksOfNode(runtime: NodeName): Check[] {
  const driver = () => ({ LATCHKEY_BETTER_SQLITE3: installBetterSqlite3(runtimeNamed(runtime)) })
  const checks = [
    onNode(runtime, 'adapters', ['test/adapters', ...adapters]),
    onNode(runtime, 'stores', stores('memory', 'sqlite', 'redis', 'redis-ioredis', 'postgres')),
    onNode(runtime, 'command', ['test/cli']),
    onNode(runtime, 'packages', ['test/packages/packages.test.ts']),
  ]
  // It is compiled for each Node, which takes minutes: on the oldest and on the newest line that it says it is for.
  const isCompiled = runtime === 'node-20' || runtime === 'node-24'
  return isCompiled ? [...checks, onNode(runtime, 'better-sqlite3', suite('better-sqlite3'), driver)] : checks
}

/** The suites run on this Node and call the runtime, which is a process of its own. */
function checkOfHost(runtime: WebName): Check {
  const command = () => ({
    file: process.execPath,
    args: [vitest, 'run', ...suite('adapters')],
    env: { LATCHKEY_RUNTIME: runtime },
  })
  return { runtime, area: 'hono', command }
}

/** Here vitest itself runs on the runtime. */
const within = {
  bun: (paths: readonly string[]) => ({ file: binaryOf('bun'), args: ['--bun', vitest, 'run', ...paths] }),
  deno: (paths: readonly string[]) => ({
    file: binaryOf('deno'),
    args: ['run', '-A', '--node-modules-dir=manual', vitest, 'run', ...paths],
  }),
}

/** Every check, in the order of the page's columns. */
export const checks: readonly Check[] = [
  ...runtimes.flatMap(({ name }) => (name.startsWith('node-') ? checksOfNode(name as NodeName) : [])),
  ...(['bun', 'deno', 'workers'] as const).map(checkOfHost),
  { runtime: 'bun', area: 'files', command: () => within.bun(stores('memory', 'sqlite')) },
  { runtime: 'bun', area: 'bun:sqlite', command: () => within.bun(suite('bun-sqlite')) },
  { runtime: 'deno', area: 'files', command: () => within.deno(stores('memory', 'sqlite')) },
]
