import { BodyError, type BodyOptions, Gathering, type HeldShare } from '@latchkey/core'

/** A body on its way in, within the bounds that a guard sets. A host feeds it; the first bound that is met ends it. */
export class Collecting {
  /** The body once it has ended; rejected with a {@link BodyError} where a bound was met or the sender was lost. */
  readonly whole: Promise<Uint8Array>
  /** Whether nothing more is wanted. */
  isOver = false
  readonly #options: BodyOptions
  readonly #share: HeldShare
  readonly #stopped: ((error?: unknown) => void) | undefined
  readonly #bytes = new Gathering()
  readonly #timer: ReturnType<typeof setTimeout>
  #resolve!: (bytes: Uint8Array) => void
  #reject!: (error: unknown) => void

  /** Starts the clock. Bytes are charged to `share`; `stopped` is called once, with the error where there is one. */
  constructor(options: BodyOptions, share: HeldShare, stopped?: (error?: unknown) => void) {
    this.#options = options
    this.#share = share
    this.#stopped = stopped
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    this.#timer = setTimeout(() => this.#fail(new BodyError('timeout')), options.timeoutSeconds * 1000)
  }

  readonly add = (piece: Uint8Array): void => {
    if (this.isOver) return
    const { maxBytes, maxBufferedBytes = Number.POSITIVE_INFINITY, onChunk } = this.#options
    if (this.#bytes.length + piece.length > maxBytes) {
      this.#fail(new BodyError('too-large'))
    } else if (!this.#share.take(piece.length, maxBufferedBytes)) {
      this.#fail(new BodyError('busy'))
    } else {
      this.#bytes.add(piece)
      try {
        onChunk?.(piece)
      } catch (error) {
        this.#fail(error)
      }
    }
  }

  readonly end = (): void => {
    if (this.#stop()) this.#resolve(this.#bytes.whole())
  }

  /** The sender is gone before the end. */
  readonly lost = (): void => this.#fail(new BodyError('aborted'))

  #fail(error: unknown): void {
    if (!this.#stop(error)) return
    this.#share.release()
    this.#reject(error)
  }

  #stop(error?: unknown): boolean {
    if (this.isOver) return false
    this.isOver = true
    clearTimeout(this.#timer)
    this.#stopped?.(error)
    return true
  }
}
