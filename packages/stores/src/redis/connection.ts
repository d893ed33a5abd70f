import { StoreError } from '@latchkey/core'
import type { Link, RedisArgument, Send } from './client.js'
import { isScriptMissing, storeError } from './fault.js'

/** What every part of the store goes through to Redis: scripts by their digests, a bounded number of commands at once. */
export class Connection {
  readonly #link: Link
  readonly #maxPendingOperations: number
  readonly #onFirstUse: () => void
  readonly #digests = new Map<string, string>()
  #pending = 0
  #isUsed = false
  #isClosed = false

  constructor(link: Link, maxPendingOperations: number, onFirstUse: () => void) {
    this.#link = link
    this.#maxPendingOperations = maxPendingOperations
    this.#onFirstUse = onFirstUse
  }

  get ownPrefix(): string {
    return this.#link.ownPrefix
  }

  /**
   * Runs the script on its keys, which share a slot: one round trip. A server that does not know the script, since it is new or
   * has restarted or flushed it, is sent the text instead.
   */
  run(script: string, keys: readonly string[], ...values: readonly RedisArgument[]): Promise<unknown> {
    return this.#bounded(async () => {
      const digest = this.#digests.get(script) ?? (await this.#digestOf(script))
      const rest = [String(keys.length), ...keys, ...values]
      try {
        return await this.#link.send(keys[0]!, ['EVALSHA', digest, ...rest])
      } catch (error) {
        if (!isScriptMissing(error)) throw error
        return this.#link.send(keys[0]!, ['EVAL', script, ...rest])
      }
    })
  }

  command(name: string, key: string, ...values: readonly string[]): Promise<unknown> {
    return this.#bounded(() => this.#link.send(key, [name, key, ...values]))
  }

  /** One after the other, so that operators' work never weighs on all nodes at once. */
  async onEachMaster(work: (send: Send) => Promise<void>): Promise<void> {
    const masters = await this.#bounded(() => this.#link.masters())
    for (const send of masters) await work((command) => this.#bounded(() => send(command)))
  }

  /** Refuses all work from now on. The client is the application's. */
  close(): void {
    this.#isClosed = true
  }

  async #bounded<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#isClosed) throw new StoreError('unavailable', 'The Redis store is closed')
    if (this.#pending >= this.#maxPendingOperations) {
      throw new StoreError('unavailable', 'Too many operations of the Redis store wait for an answer')
    }
    if (!this.#isUsed) {
      this.#isUsed = true
      this.#onFirstUse()
    }
    this.#pending++
    try {
      return await work()
    } catch (error) {
      throw storeError(error)
    } finally {
      this.#pending--
    }
  }

  /** Redis names a script by its SHA-1. Nothing is secured by it. */
  async #digestOf(script: string): Promise<string> {
    const digest = Buffer.from(await crypto.subtle.digest('SHA-1', Buffer.from(script))).toString('hex')
    this.#digests.set(script, digest)
    return digest
  }
}
