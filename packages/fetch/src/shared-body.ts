import { type BodyOptions, HeldBytes, HeldShare, handOn } from '@latchkey/core'

/** Of the whole process, across every app and guard in it. */
const held = new HeldBytes()

/** The body of a request as all guards on it share it: read at most once, when the first of them asks. */
export class SharedBody {
  /** The bytes, once a guard has read them. */
  bytes: Uint8Array | undefined
  readonly #acquire: (options: BodyOptions, share: HeldShare) => Promise<Uint8Array>
  readonly #share = new HeldShare(held)
  #pending: Promise<Uint8Array> | undefined

  /** `acquire` reads the body within the first guard's bounds and charges it to the share. */
  constructor(acquire: (options: BodyOptions, share: HeldShare) => Promise<Uint8Array>) {
    this.#acquire = acquire
  }

  /** The bytes for one guard, under its own limit. */
  async read(options: BodyOptions): Promise<Uint8Array> {
    if (this.#pending !== undefined) return handOn(await this.#pending, options)
    this.#pending = this.#acquire(options, this.#share)
    this.bytes = await this.#pending
    return this.bytes
  }

  /** Gives the memory back to the process-wide bound; called when the request is over. */
  release(): void {
    this.#share.release()
  }
}
