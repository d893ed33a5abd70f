import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Lab } from '@latchkey/conformance'

const main = fileURLToPath(new URL('../dist/lab/main.js', import.meta.url))
/** What `npm run lab` starts. */
export const launcher: string = fileURLToPath(new URL('../../scripts/lab.mjs', import.meta.url))

/** A lab in a process of its own, which can be killed. */
export interface LabProcess extends Lab {
  /** Everything that it wrote to standard output. */
  output(): string
  /** Sends the signal and waits for the end; answers the exit code, or `null` where the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
}

/** Starts the compiled lab with these arguments. */
export async function labProcess(args: readonly string[], script: string = main): Promise<LabProcess> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const lines: string[] = []
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line))
  await Promise.race([once(reader, 'line'), exited.then(() => Promise.reject(new Error('the lab did not start')))])
  const { url, keys } = JSON.parse(lines[0]!) as Lab
  return { url, keys, output: () => lines.join('\n'), end: (signal) => end(child, signal, exited) }
}

async function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL', exited: Promise<unknown[]>) {
  child.kill(signal)
  const [code] = await exited
  return code as number | null
}
