import { StoreError } from '@latchkey/core'

/** How long one operation may go on. An object and no signal: each operation makes one, and hardly any needs more of it. */
export class Deadline {
  #reason: Error | undefined
  #onOver: (() => void)[] | undefined
  #controller: AbortController | undefined

  /** Why the operation has been given up; `undefined`: it has not. */
  get reason(): Error | undefined {
    return this.#reason
  }

  /** For clients that take one. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  throwIfOver(): void {
    if (this.#reason !== undefined) throw this.#reason
  }

  /** Does this when the operation is given up; never where it ends before. */
  onOver(work: () => void): void {
    this.#onOver ??= []
    this.#onOver.push(work)
  }

  giveUp(reason: Error): void {
    this.#reason = reason
    for (const work of this.#onOver ?? []) work()
    this.#controller?.abort(reason)
  }
}

interface Running {
  readonly deadline: Deadline
  readonly untilMs: number
  readonly reject: (error: Error) => void
}

/**
 * The deadlines of one store, all as long as each other: they pass in the order in which they began, so that one timer does for all
 * of them, where one for each would cost more than the rest of an operation.
 */
export class Deadlines {
  readonly #milliseconds: number
  readonly #message: string
  readonly #running = new Set<Running>()
  #timer: ReturnType<typeof setTimeout> | undefined

  /** @param name what does not answer in time. */
  constructor(seconds: number, name: string) {
    this.#milliseconds = seconds * 1000
    this.#message = `${name} did not answer within ${seconds} s`
  }

  /** What the work answers, or a `StoreError` `timeout`: the work is told, and sends nothing from then on. */
  within<Answer>(work: (deadline: Deadline) => PromiseLike<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const running = { deadline: new Deadline(), untilMs: performance.now() + this.#milliseconds, reject }
      this.#begin(running)
      const failed = (error: unknown) => {
        this.#end(running)
        reject(error)
      }
      try {
        work(running.deadline).then((answer) => {
          this.#end(running)
          resolve(answer)
        }, failed)
      } catch (error) {
        failed(error)
      }
    })
  }

  #begin(running: Running): void {
    if (this.#running.size === 0) this.#timer?.ref?.()
    this.#running.add(running)
    this.#timer ??= setTimeout(() => this.#pass(), this.#milliseconds)
  }

  /** The timer stays: to take it away and set it again costs more than to find, once in a while, that nothing is due. */
  #end(running: Running): void {
    if (this.#running.delete(running) && this.#running.size === 0) this.#timer?.unref?.()
  }

  #pass(): void {
    this.#timer = undefined
    const nowMs = performance.now()
    for (const running of this.#running) {
      if (running.untilMs > nowMs) {
        this.#timer = setTimeout(() => this.#pass(), Math.ceil(running.untilMs - nowMs))
        return
      }
      this.#running.delete(running)
      const error = new StoreError('timeout', this.#message)
      running.reject(error)
      running.deadline.giveUp(error)
    }
  }
}
