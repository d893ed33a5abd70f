import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What a package says of itself, as far as it is checked here. */
interface Manifest {
  readonly name: string
  readonly license: string
  readonly type: string
  readonly sideEffects: boolean
  readonly engines: { readonly node: string }
  readonly exports: Readonly<Record<string, unknown>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

/** A package as it would be published. */
export interface PackedPackage {
  /** Where it is developed. */
  readonly source: string
  readonly tarball: string
  readonly files: readonly string[]
  readonly manifest: Manifest
}

/** A project of a user's own, which has installed the packages from their tarballs. */
export interface Consumer {
  readonly folder: string
  readonly packages: readonly PackedPackage[]
  /** Runs a program in this project and parses the JSON that it prints. */
  run(file: string, program: string): unknown
  remove(): void
}

function npm(folder: string, ...args: string[]): string {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
}

function pack(folder: string): PackedPackage[] {
  const folders = new Map(
    readdirSync(join(root, 'packages')).map((name) => {
      const source = join(root, 'packages', name)
      return [(JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest).name, source]
    }),
  )
  const workspaces = [...folders.keys()].flatMap((name) => ['-w', name])
  const report = JSON.parse(npm(root, 'pack', '--json', '--pack-destination', folder, ...workspaces)) as {
    name: string
    filename: string
    files: { path: string }[]
  }[]
  return report.map(({ name, filename, files }) => {
    const source = folders.get(name)!
    return {
      source,
      tarball: join(folder, filename),
      files: files.map(({ path }) => path),
      manifest: JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Manifest,
    }
  })
}

/** The folders of the libraries that a package depends on: installed from there, no registry has to be asked. */
function libraries({ source, manifest }: PackedPackage): string[] {
  const names = Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith('@latchkey/'))
  return names.map((name) => {
    const installed = [source, root].map((folder) => join(folder, 'node_modules', name))
    return installed.find((folder) => existsSync(folder))!
  })
}

/** The other majors of the frameworks, and what a user of Hono on Node has. */
const besides = ['@types', 'express4', 'koa2', '@hono/node-server']

/**
 * Packs every package and installs the tarballs, without a network: what else they depend on, or name as peers, is linked from
 * this repository.
 */
export function consumer(): Consumer {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-consumer-'))
  const packages = pack(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }))
  const quiet = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--legacy-peer-deps', '--no-package-lock']
  npm(folder, 'install', ...quiet, ...packages.map(({ tarball }) => tarball), ...packages.flatMap(libraries))
  const peers = new Set(packages.flatMap(({ manifest }) => Object.keys(manifest.peerDependencies ?? {})))
  for (const peer of [...peers, ...besides]) {
    const link = join(folder, 'node_modules', peer)
    if (existsSync(link)) continue
    mkdirSync(join(link, '..'), { recursive: true })
    symlinkSync(join(root, 'node_modules', peer), link, 'junction')
  }
  return {
    folder,
    packages,
    run: (file, program) => {
      writeFileSync(join(folder, file), program)
      return JSON.parse(execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' }))
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** What a user writes after `from`, entry by entry. */
export function entriesOf({ manifest }: PackedPackage): string[] {
  return Object.keys(manifest.exports).map((subpath) => manifest.name + subpath.slice(1))
}
