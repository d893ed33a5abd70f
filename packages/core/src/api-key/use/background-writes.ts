import { isPromise, within } from '../../deadline.js'
import type { Awaitable } from '../../guard.js'

/** Beyond so many at once none is begun: a store that hangs must not fill the memory. */
const mostAtOnce = 1000
const timeoutSeconds = 10

/** Writes that no request waits for and none fails by: one at a time under a name, bounded in number and in time. */
export class BackgroundWrites {
  readonly #running = new Map<string, PromiseLike<void>>()

  /**
   * Begins the work, unless some is under way under this name, or too much under others.
   *
   * @param failed told why the work was not done.
   * @returns whether it has begun.
   */
  begin(name: string, work: () => Awaitable<unknown>, failed: (error: unknown) => void): boolean {
    if (this.#running.has(name) || this.#running.size >= mostAtOnce) return false
    try {
      const answer = within(timeoutSeconds, work)
      if (isPromise(answer)) this.#follow(name, answer, failed)
    } catch (error) {
      failed(error)
    }
    return true
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }

  #follow(name: string, answer: PromiseLike<unknown>, failed: (error: unknown) => void): void {
    const done = () => {
      this.#running.delete(name)
    }
    const ended = answer.then(done, (error: unknown) => {
      done()
      failed(error)
    })
    this.#running.set(name, ended)
  }
}
