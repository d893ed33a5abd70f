import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { binaryOf, installationFolder, type Runtime } from './runtimes.js'

/** A driver that compiles for each Node that uses it. */
const betterSqlite3 = 'better-sqlite3@12.6.2'

/** Installs what is missing of these runtimes, by npm and from its registry alone. */
export function install(wanted: readonly Runtime[]): void {
  mkdirSync(installationFolder, { recursive: true })
  const manifest = `${installationFolder}package.json`
  if (!existsSync(manifest)) writeFileSync(manifest, JSON.stringify({ name: 'runtimes', private: true }))
  const missing = wanted.filter((runtime) => !isInstalled(runtime)).map(({ spec }) => spec)
  if (missing.length > 0) npm(installationFolder, 'install', '--save-exact', ...missing)
}

function isInstalled({ name, spec }: Runtime): boolean {
  if (!existsSync(binaryOf(name))) return false
  const { dependencies = {} } = JSON.parse(readFileSync(`${installationFolder}package.json`, 'utf8'))
  return Object.entries(dependencies).some(([alias, range]) => `${alias}@${range}` === spec)
}

/** Installs better-sqlite3 for one Node, compiled by its headers, in a folder of its own; answers the folder. */
export function installBetterSqlite3({ name }: Runtime): string {
  const folder = `${installationFolder}better-sqlite3-${name}/`
  if (existsSync(`${folder}node_modules/better-sqlite3/build/Release/better_sqlite3.node`)) return folder
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}package.json`, JSON.stringify({ name: 'driver', private: true }))
  npm(folder, 'install', '--ignore-scripts', betterSqlite3)
  const headers = `--nodedir=${installationFolder}node_modules/${name}`
  npm(folder, 'rebuild', '--build-from-source', headers, 'better-sqlite3')
  return folder
}

function npm(folder: string, ...args: readonly string[]): void {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const [subcommand = '', ...rest] = args
  const { status } = spawnSync('npm', [subcommand, ...quiet, ...rest], { cwd: folder, stdio: ['ignore', 2, 2] })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed in ${folder}`)
}
