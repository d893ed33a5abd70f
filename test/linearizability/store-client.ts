import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Answer, type Call, Unanswered } from './operation.js'

const script = fileURLToPath(new URL('../dist/linearizability/store-process.js', import.meta.url))

/** A client waits no longer for an answer. */
const patienceMs = 400

interface Reply {
  readonly number: number
  readonly answer?: Answer
  readonly unanswered?: string
  readonly error?: string
}

interface Asked {
  resolve(answer: Answer): void
  reject(error: Error): void
}

/** A store in a process, which can be stopped, killed and started again. */
export class StoreClient {
  readonly #args: readonly string[]
  readonly #asked = new Map<number, Asked>()
  #child: Promise<ChildProcess> | undefined
  #count = 0
  /** What can never be right: an error that is no `StoreError`, or a record that cannot be read. */
  readonly errors: string[] = []

  constructor(url: string, skewMs: number) {
    this.#args = [url, String(skewMs)]
  }

  /** Starts it, also again; what is asked meanwhile waits. */
  async start(): Promise<void> {
    this.#child = this.#started()
    await this.#child
  }

  async ask(call: Call): Promise<Answer> {
    const child = await this.#child
    if (child === undefined) throw new Unanswered()
    const number = this.#count++
    const answer = new Promise<Answer>((resolve, reject) => this.#asked.set(number, { resolve, reject }))
    const patience = setTimeout(() => this.#asked.get(number)!.reject(new Unanswered()), patienceMs)
    child.send({ number, call }, () => undefined)
    return answer.finally(() => {
      clearTimeout(patience)
      this.#asked.delete(number)
    })
  }

  async signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
    const child = await this.#child
    child?.kill(name)
  }

  /** Ends it as `kill -9` does; what it was asked stays without an answer. */
  async kill(): Promise<void> {
    const child = await this.#child
    this.#child = undefined
    if (child === undefined) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
    for (const { reject } of this.#asked.values()) reject(new Unanswered())
  }

  async #started(): Promise<ChildProcess> {
    const child = fork(script, this.#args, { execArgv: [], serialization: 'advanced' })
    child.on('message', (reply: Reply | 'open') => {
      if (reply !== 'open') this.#answer(reply)
    })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('The process of a store has ended')))
    ended.catch(() => undefined)
    await Promise.race([once(child, 'message'), ended])
    return child
  }

  #answer({ number, answer, error }: Reply): void {
    if (error !== undefined) this.errors.push(error)
    const asked = this.#asked.get(number)
    if (answer !== undefined) asked?.resolve(answer)
    else asked?.reject(new Unanswered())
  }
}
