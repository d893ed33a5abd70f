import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type FromServer, type Server, usageQuestion } from './task.js'

const program = fileURLToPath(new URL('server-process.js', import.meta.url))

/** A server in a process of its own, which ends with this one. */
export class RunningServer {
  readonly url: string
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.url = `http://127.0.0.1:${port}/`
  }

  static async start({ framework, task, variant }: Server): Promise<RunningServer> {
    // Peers write of what they meet; what is wrong with a server shows in its answers.
    const how = {
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    } as const
    const child = fork(program, [framework, task, variant], { ...how, stdio: [...how.stdio] })
    const gone = once(child, 'exit').then(() => Promise.reject(new Error(`${framework} ${variant} did not start`)))
    const [told] = (await Promise.race([once(child, 'message'), gone])) as [FromServer]
    gone.catch(() => undefined)
    if (!('port' in told)) throw new Error(`${framework} ${variant} told no port`)
    return new RunningServer(child, told.port)
  }

  /** Processor time until now, in microseconds: what other processes do on the machine is not in it. */
  async usage(): Promise<number> {
    this.#child.send(usageQuestion)
    const [told] = (await once(this.#child, 'message')) as [FromServer]
    if (!('usage' in told)) throw new Error('a server told something else than what it used')
    return told.usage
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit')
    this.#child.disconnect()
    await gone
  }
}
