import { setImmediate as macrotask } from 'node:timers/promises'

/** Time that goes from one thing that is due to the next: what happens in it is the same in every run. */
export class VirtualTime {
  #nowMs = 0
  readonly #due: { readonly atMs: number; wake(): void }[] = []

  readonly nowMs = (): number => this.#nowMs

  readonly sleep = (milliseconds: number): Promise<void> =>
    new Promise((wake) => {
      this.#due.push({ atMs: this.#nowMs + milliseconds, wake })
    })

  /** Lets time go by until the work is done. What is due at the same millisecond is begun at once. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = work.finally(() => {
      isDone = true
    })
    done.catch(() => undefined)
    for (;;) {
      await macrotask()
      if (isDone) return done
      if (this.#due.length === 0) throw new Error('Somebody waits for what never comes')
      this.#nowMs = Math.min(...this.#due.map(({ atMs }) => atMs))
      for (const { wake } of this.#take()) wake()
    }
  }

  #take() {
    const now = this.#due.filter(({ atMs }) => atMs <= this.#nowMs)
    const later = this.#due.filter(({ atMs }) => atMs > this.#nowMs)
    this.#due.splice(0, this.#due.length, ...later)
    return now
  }
}
