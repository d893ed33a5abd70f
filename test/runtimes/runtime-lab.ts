import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import type { LabSettings, StartedLab } from '@latchkey/conformance'
import { memoryStore } from '@latchkey/core'
import { labKeys } from '../lab/keys.js'
import type { WebAdapter, WebLabOptions } from '../lab/web-lab.js'
import { binaryOf, root, type WebName } from './runtimes.js'
import { compatibilityDate, workerFile } from './worker-bundle.js'

/** A runtime at work: the line that tells its port comes from `told`. */
interface Started {
  readonly child: ChildProcess
  readonly told: Readable
  remove?(): void
}

const script = (name: string) => `${root}test/dist/runtimes/${name}`

const starters: Readonly<Record<WebName, (options: string) => Started>> = {
  bun: (options) => printing('bun', [script('serve-bun.js'), options]),
  deno: (options) => printing('deno', ['run', '-A', '--node-modules-dir=manual', script('serve-deno.js'), options]),
  workers: worker,
}

/** Starts the lab on a runtime, in a process of its own on the loopback address. */
export async function runtimeLab(runtime: WebName, adapter: WebAdapter, settings: LabSettings): Promise<StartedLab> {
  const seed = randomUUID()
  const options: WebLabOptions = { adapter, seed, options: settings as WebLabOptions['options'] }
  const { child, told, remove } = starters[runtime](JSON.stringify(options))
  const ended = once(child, 'exit')
  const failed = ended.then(([code]) => Promise.reject(new Error(`${runtime} ended with ${code} before it listened`)))
  const [line] = (await Promise.race([once(createInterface(told), 'line'), failed])) as [string]
  failed.catch(() => undefined)
  const { port } = JSON.parse(line) as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    // A lab's keys come of its seed.
    keys: await labKeys(memoryStore(), seed),
    close: async () => {
      child.kill('SIGKILL')
      await ended
      remove?.()
    },
  }
}

function printing(runtime: WebName, args: readonly string[]): Started {
  const child = spawn(binaryOf(runtime), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  return { child, told: child.stdout }
}

/** `workerd serve` tells on a descriptor of its own where it listens. */
function worker(options: string): Started {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-worker-'))
  const config = join(folder, 'lab.capnp')
  writeFileSync(config, workerConfig(relative(folder, workerFile), options))
  const child = spawn(binaryOf('workers'), ['serve', config, '--control-fd=3'], {
    stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
  })
  return { child, told: child.stdio[3] as Readable, remove: () => rmSync(folder, { recursive: true }) }
}

/** The header field is what Cloudflare's edge adds; workerd alone tells a Worker no address. */
function workerConfig(file: string, options: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "lab", worker = .lab)],
  sockets = [(
    name = "http",
    address = "127.0.0.1:0",
    http = (injectRequestHeaders = [(name = "CF-Connecting-IP", value = "127.0.0.1")]),
    service = "lab",
  )],
);

const lab :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed ${JSON.stringify(file)})],
  bindings = [(name = "LAB", text = ${JSON.stringify(options)})],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ["nodejs_compat"],
);
`
}
