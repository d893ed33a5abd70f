import { fileURLToPath } from 'node:url'

/** A runtime that Latchkey is run on, in the very version that the registry has it in. */
export interface Runtime {
  readonly name: RuntimeName
  readonly title: string
  readonly version: string
  /** What npm installs it from, under a name of its own. */
  readonly spec: string
  /** Of the binary, in the folder where it is installed. */
  readonly path: string
}

export type NodeName = 'node-20.19' | 'node-20' | 'node-22' | 'node-24' | 'node-26'
export type WebName = 'bun' | 'deno' | 'workers'
export type RuntimeName = NodeName | WebName

const windows = process.platform === 'win32'
const platform = `${windows ? 'win' : process.platform}-${process.arch}`

function node(name: NodeName, version: string): Runtime {
  return {
    name,
    title: `Node ${version}`,
    version,
    spec: `${name}@npm:node-${platform}@${version}`,
    path: `node_modules/${name}/bin/node${windows ? '.exe' : ''}`,
  }
}

function command(name: WebName, title: string, library: string, version: string): Runtime {
  const path = `node_modules/.bin/${library}${windows ? '.cmd' : ''}`
  return { name, title: `${title} ${version}`, version, spec: `${library}@${version}`, path }
}

/** Every runtime: the least Node that the packages ask for, the newest of each line, and the hosts of fetch handlers. */
export const runtimes: readonly Runtime[] = [
  node('node-20.19', '20.19.0'),
  node('node-20', '20.20.2'),
  node('node-22', '22.23.3'),
  node('node-24', '24.21.0'),
  node('node-26', '26.10.0'),
  command('bun', 'Bun', 'bun', '1.4.5'),
  command('deno', 'Deno', 'deno', '2.9.6'),
  command('workers', 'workerd', 'workerd', '1.20261117.1'),
]

/** Of the repository: suites run this file as it is written, the command as it is compiled. */
export const root: string = fileURLToPath(
  new URL(import.meta.url.includes('/test/dist/') ? '../../../' : '../../', import.meta.url),
)

/** Where the runtimes are installed, on demand: outside of what `npm install` fetches and of what git sees. */
export const installationFolder: string = `${root}.runtimes/`

export function runtimeNamed(name: string): Runtime {
  const found = runtimes.find((each) => each.name === name)
  if (found === undefined) throw new TypeError(`${name} is none of ${runtimes.map((each) => each.name).join(', ')}`)
  return found
}

export function binaryOf(name: RuntimeName): string {
  return installationFolder + runtimeNamed(name).path
}
