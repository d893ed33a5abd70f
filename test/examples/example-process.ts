import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'

/** A script of the repository in a process of its own. */
export interface ExampleProcess {
  /** What it has written to standard output. */
  output(): string
  /** What it has written to standard error. */
  errors(): string
  /** Once standard output holds the text. Rejects where the process ends without it. */
  says(text: string): Promise<void>
  /** The exit code, or the signal that ended it, once all output is read. */
  readonly ended: Promise<number | string>
  stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | string>
}

/** Starts `path`, as seen from the root of the repository. */
export function exampleProcess(path: string, args: readonly string[], env: NodeJS.ProcessEnv): ExampleProcess {
  const script = fileURLToPath(new URL(`../../${path}`, import.meta.url))
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text) => {
    errors += text
  })
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string)
  return {
    output: () => output,
    errors: () => errors,
    says: async (text) => {
      while (!output.includes(text)) {
        const end = await Promise.race([once(child.stdout, 'data').then(() => undefined), ended])
        if (end !== undefined) throw new Error(`${path} ended (${end}) without saying ${text}:\n${output}${errors}`)
      }
    },
    ended,
    stop: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

/** A port on which somebody listens already. */
export async function takenPort(): Promise<{ port: string; free(): void }> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  return { port: String((server.address() as AddressInfo).port), free: () => void server.close() }
}
