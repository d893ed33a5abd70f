import { type KeyWatcher, KeyWatchers, randomBelow } from '@latchkey/core'

/** Whom a line tells what comes over it, until it is ended. */
export interface Listener {
  /** A key has changed; without an id, any of them. */
  changed(id?: string): void
  /** Nothing is heard over this line any more. */
  lost(error: unknown): void
}

/** One connection over which changes are heard. */
export interface Line {
  /** Over it everything is heard from then on. Rejects where it cannot be opened. */
  readonly opened: PromiseLike<unknown>
  /** Answers if the line is alive, after whatever was told before. */
  ping(): PromiseLike<unknown>
  /** Lets go of it, in whatever state it is. Does not throw. */
  end(): void
}

export type OpenLine = (listener: Listener) => Line

/** A line that is silent is noticed within the sum of both. */
const pingMs = 2000
export const answerMs = 2000
const shortestPauseMs = 50
const longestPauseMs = 500

/**
 * Hears of changed keys over a line that is opened when somebody watches, and opened anew whenever it is lost, until it is closed.
 * Meanwhile the watchers know that nothing is heard. Its timers keep no process alive.
 */
export class Subscription {
  readonly #watchers = new KeyWatchers()
  readonly #findWay: () => OpenLine
  readonly #asError: (error: unknown) => unknown
  #openLine: OpenLine | undefined
  #line: Line | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #pauseMs = shortestPauseMs
  #isClosed = false

  /** @param findWay called when somebody watches first; what it throws is theirs. */
  constructor(findWay: () => OpenLine, asError: (error: unknown) => unknown) {
    this.#findWay = findWay
    this.#asError = asError
  }

  watch(watcher: KeyWatcher): void {
    const isFirst = this.#openLine === undefined && !this.#isClosed
    if (isFirst) this.#openLine = this.#findWay()
    this.#watchers.add(watcher)
    if (isFirst) this.#open()
  }

  /** Tells of a write by this store; without an id, it may have been to any key. */
  changed(id?: string): void {
    this.#watchers.changed(id)
  }

  /** Idempotent. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#line?.end()
    this.#line = undefined
    this.#watchers.close()
  }

  #open(): void {
    const isCurrent = () => this.#line === line
    const lose = (error: unknown) => {
      if (isCurrent()) this.#lose(line, error)
    }
    const line: Line = this.#openLine!({
      changed: (id) => {
        if (isCurrent()) this.#watchers.changed(id)
      },
      lost: lose,
    })
    this.#line = line
    const expect = (answer: PromiseLike<unknown>) => {
      this.#after(answerMs, () => lose(new Error('timeout: the subscription is silent')))
      answer.then(() => {
        if (!isCurrent()) return
        this.#pauseMs = shortestPauseMs
        this.#watchers.heard()
        this.#after(pingMs, () => expect(line.ping()))
      }, lose)
    }
    expect(line.opened)
  }

  #lose(line: Line, error: unknown): void {
    this.#line = undefined
    line.end()
    this.#watchers.lost(this.#asError(error))
    this.#after(this.#pauseMs / 2 + randomBelow(this.#pauseMs / 2), () => this.#open())
    this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2)
  }

  /** Only one thing is waited for at a time. */
  #after(milliseconds: number, work: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(work, milliseconds)
    this.#timer.unref()
  }
}
