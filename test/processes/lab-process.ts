import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Lab } from '@latchkey/conformance'
import { type ServerProcess, serverProcess } from './server-process.js'

const main = fileURLToPath(new URL('../dist/lab/main.js', import.meta.url))
/** What `npm run lab` starts. */
export const launcher: string = fileURLToPath(new URL('../../scripts/lab.mjs', import.meta.url))

/** A lab in a process of its own, which can be stopped and killed. */
export interface LabProcess extends Lab, ServerProcess {}

/** Starts the compiled lab with these arguments. */
export async function labProcess(args: readonly string[], script: string = main): Promise<LabProcess> {
  const server = await serverProcess(script, args)
  const { keys } = JSON.parse(server.output()) as Lab
  return { ...server, keys }
}

/** Labs on these frameworks over one store, with the same keys. */
export function labsOver(
  store: string,
  frameworks: readonly string[],
  idempotency: object = {},
): Promise<LabProcess[]> {
  const common = ['--store', store, '--seed', randomUUID(), '--options', JSON.stringify({ idempotency })]
  return Promise.all(frameworks.map((framework) => labProcess(['--adapter', framework, ...common])))
}
