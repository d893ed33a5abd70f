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

/**
 * What a guard gives its store in these tests. They are about who runs and who replays; on a busy machine a crowd may have to
 * wait longer than a guard would for its own sake.
 */
export const patience = (seconds = 20) => ({ storeTimeoutSeconds: seconds, settleTimeoutSeconds: seconds })

/** Labs on these frameworks over one store, with the same keys. */
export function labsOver(
  store: string,
  frameworks: readonly string[],
  idempotency: object = {},
  patienceSeconds?: number,
): Promise<LabProcess[]> {
  const times = patience(patienceSeconds)
  const apiKey = { storeTimeoutSeconds: times.storeTimeoutSeconds }
  const options = { idempotency: { ...times, ...idempotency }, apiKey, signature: times }
  const common = ['--store', store, '--seed', randomUUID(), '--options', JSON.stringify(options)]
  return Promise.all(frameworks.map((framework) => labProcess(['--adapter', framework, ...common])))
}
