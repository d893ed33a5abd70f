import { StoreError } from '@latchkey/core'
import type { RedisArgument } from './client.js'
import { isScriptMissing, storeError } from './fault.js'
import type { Command, Link, Send } from './link.js'
import type { Replicas } from './replicas.js'

export interface ConnectionSettings {
  readonly maxPendingOperations: number
  readonly operationTimeoutSeconds: number
  /** What writes wait for. */
  readonly replicas: Replicas | undefined
  readonly onFirstUse: () => void
}

/** What every part of the store goes through to Redis: scripts by their digests, bounded in time and in number. */
export class Connection {
  readonly #link: Link
  readonly #settings: ConnectionSettings
  readonly #digests = new Map<string, string>()
  #pending = 0
  #isUsed = false
  #isClosed = false

  constructor(link: Link, settings: ConnectionSettings) {
    this.#link = link
    this.#settings = settings
  }

  get ownPrefix(): string {
    return this.#link.ownPrefix
  }

  /**
   * Runs a script on its keys, which share a slot: one that only reads, or whose writes no replica has to have. One round trip. A
   * server that does not know the script, since it is new or has restarted or flushed it, is sent the text instead.
   */
  read(script: string, keys: readonly string[], ...values: readonly RedisArgument[]): Promise<unknown> {
    return this.#run((command, signal) => this.#link.send(keys[0]!, command, signal), script, keys, values)
  }

  /** The same with a script whose writes have to last: its reply counts when the replicas have what it wrote. */
  write(script: string, keys: readonly string[], ...values: readonly RedisArgument[]): Promise<unknown> {
    const { replicas } = this.#settings
    if (replicas === undefined) return this.read(script, keys, ...values)
    return this.#run((command, signal) => replicas.send(command, signal), script, keys, values)
  }

  command(name: string, key: string, ...values: readonly string[]): Promise<unknown> {
    return this.#bounded((signal) => this.#link.send(key, [name, key, ...values], signal))
  }

  /** One after the other, so that operators' work never weighs on all nodes at once. */
  async onEachMaster(work: (send: Send) => Promise<void>): Promise<void> {
    const masters = await this.#bounded(() => this.#link.masters())
    for (const send of masters) await work((command) => this.#bounded((signal) => send(command, signal)))
  }

  /** Refuses all work from now on. The client is the application's. */
  close(): void {
    this.#isClosed = true
  }

  #run(
    send: (command: Command, signal: AbortSignal) => Promise<unknown>,
    script: string,
    keys: readonly string[],
    values: readonly RedisArgument[],
  ): Promise<unknown> {
    return this.#bounded(async (signal) => {
      const digest = this.#digests.get(script) ?? (await this.#digestOf(script))
      const rest = [String(keys.length), ...keys, ...values]
      try {
        return await send(['EVALSHA', digest, ...rest], signal)
      } catch (error) {
        if (!isScriptMissing(error)) throw error
        signal.throwIfAborted()
        return send(['EVAL', script, ...rest], signal)
      }
    })
  }

  /**
   * Waits so long for an answer and no longer. What has left by then may still be carried out, which tokens make harmless; what has
   * not left never does. The work counts as pending until the client has let go of it: a client whose server is silent holds it.
   */
  async #bounded<Answer>(work: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
    const { maxPendingOperations, operationTimeoutSeconds, onFirstUse } = this.#settings
    if (this.#isClosed) throw new StoreError('unavailable', 'The Redis store is closed')
    if (this.#pending >= maxPendingOperations) {
      throw new StoreError('unavailable', 'Too many operations of the Redis store wait for an answer')
    }
    if (!this.#isUsed) {
      this.#isUsed = true
      onFirstUse()
    }
    const deadline = new AbortController()
    return new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new StoreError('timeout', `Redis did not answer within ${operationTimeoutSeconds} s`)
        reject(error)
        deadline.abort(error)
      }, operationTimeoutSeconds * 1000)
      this.#held(work, deadline.signal)
        .finally(() => clearTimeout(timer))
        .then(resolve, (error: unknown) => reject(storeError(error)))
    })
  }

  async #held<Answer>(work: (signal: AbortSignal) => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    this.#pending++
    try {
      const isConnected = this.#link.connected?.()
      if (isConnected !== undefined) {
        await isConnected
        signal.throwIfAborted()
      }
      return await work(signal)
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
