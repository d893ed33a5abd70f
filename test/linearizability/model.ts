import type { Operation } from './operation.js'

/** The sequential specification of what stands under one key. It begins as `undefined`: absent. */
export interface Model<State> {
  /**
   * Every state in which it can be after the operation was carried out on it and answered as it was; the very same one where nothing has
   * changed.
   */
  after(state: State | undefined, operation: Operation): (State | undefined)[]
  /** The same text for the same state. */
  key(state: State | undefined): string
}

/** When something ends, as far as those who ask can know: not before `fromMs`, not after `toMs`. */
export interface End {
  readonly fromMs: number
  readonly toMs: number
}

/** What an operation can come to: an answer, and what stands there then. */
export interface Outcome<State> {
  readonly says: string
  readonly next: State | undefined
  /** The end of what goes on; with `running`. */
  readonly until?: End
}

/** What begins somewhere within the operation, and takes so long. */
export function endOf({ beganMs, endedMs = Number.POSITIVE_INFINITY }: Operation, milliseconds: number): End {
  return { fromMs: beganMs + milliseconds, toMs: endedMs + milliseconds }
}

/** What those who ask can say about ends. */
export class Judgement {
  readonly #slackMs: number

  /** @param slackMs how far the store's clock and the one of those who ask may be apart, and by how much either is rounded. */
  constructor(slackMs: number) {
    this.#slackMs = slackMs
  }

  /** At the millisecond at which it ends, it has ended. */
  canHaveEnded({ fromMs }: End, { endedMs = Number.POSITIVE_INFINITY }: Operation): boolean {
    return endedMs + this.#slackMs >= fromMs
  }

  isStillOn({ toMs }: End, { beganMs }: Operation): boolean {
    return beganMs - this.#slackMs < toMs
  }

  /** Whether the outcome is what was answered. */
  explains({ says, until }: Outcome<unknown>, { answer, beganMs, endedMs }: Operation): boolean {
    if (answer === undefined) return true
    if (answer.says !== says) return false
    if (until === undefined || answer.remainingMs === undefined) return true
    const longest = until.toMs - beganMs + this.#slackMs
    const shortest = until.fromMs - (endedMs ?? beganMs) - this.#slackMs
    return answer.remainingMs > 0 && answer.remainingMs <= longest && answer.remainingMs >= shortest
  }
}
