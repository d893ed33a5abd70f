import { StoreError } from '@latchkey/core'
import { type Deadline, Deadlines } from '../deadlines.js'
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
  readonly #deadlines: Deadlines
  readonly #digests = new Map<string, string>()
  #pending = 0
  #isUsed = false
  #isClosed = false

  constructor(link: Link, settings: ConnectionSettings) {
    this.#link = link
    this.#settings = settings
    this.#deadlines = new Deadlines(settings.operationTimeoutSeconds, 'Redis')
  }

  get ownPrefix(): string {
    return this.#link.ownPrefix
  }

  /**
   * Runs a script on its keys, which share a slot: one that only reads, or whose writes no replica has to have. One round trip. A
   * server that does not know the script, since it is new or has restarted or flushed it, is sent the text instead.
   */
  read(script: string, keys: readonly string[], ...values: readonly RedisArgument[]): Promise<unknown> {
    return this.#run((command, deadline) => this.#link.send(keys[0]!, command, deadline), script, keys, values)
  }

  /** The same with a script whose writes have to last: its reply counts when the replicas have what it wrote. */
  write(script: string, keys: readonly string[], ...values: readonly RedisArgument[]): Promise<unknown> {
    const { replicas } = this.#settings
    if (replicas === undefined) return this.read(script, keys, ...values)
    return this.#run((command, deadline) => replicas.send(command, deadline), script, keys, values)
  }

  command(name: string, key: string, ...values: readonly string[]): Promise<unknown> {
    return this.#bounded((deadline) => this.#link.send(key, [name, key, ...values], deadline))
  }

  /** One after the other, so that operators' work never weighs on all nodes at once. */
  async onEachMaster(work: (send: Send) => Promise<void>): Promise<void> {
    const masters = await this.#bounded(() => this.#link.masters())
    for (const send of masters) await work((command) => this.#bounded((deadline) => send(command, deadline)))
  }

  /** Refuses all work from now on. The client is the application's. */
  close(): void {
    this.#isClosed = true
  }

  #run(
    send: (command: Command, deadline: Deadline) => Promise<unknown>,
    script: string,
    keys: readonly string[],
    values: readonly RedisArgument[],
  ): Promise<unknown> {
    return this.#bounded(async (deadline) => {
      const digest = this.#digests.get(script) ?? (await this.#digestOf(script))
      const rest = [String(keys.length), ...keys, ...values]
      try {
        return await send(['EVALSHA', digest, ...rest], deadline)
      } catch (error) {
        if (!isScriptMissing(error)) throw error
        deadline.throwIfOver()
        return send(['EVAL', script, ...rest], deadline)
      }
    })
  }

  /**
   * Waits so long for an answer and no longer. What has left by then may still be carried out, which tokens make harmless; what has
   * not left never does. The work counts as pending until the client has let go of it: a client whose server is silent holds it.
   */
  async #bounded<Answer>(work: (deadline: Deadline) => Promise<Answer>): Promise<Answer> {
    const { maxPendingOperations, onFirstUse } = this.#settings
    if (this.#isClosed) throw new StoreError('unavailable', 'The Redis store is closed')
    if (this.#pending >= maxPendingOperations) {
      throw new StoreError('unavailable', 'Too many operations of the Redis store wait for an answer')
    }
    if (!this.#isUsed) {
      this.#isUsed = true
      onFirstUse()
    }
    return this.#deadlines.within((deadline) => this.#held(work, deadline))
  }

  async #held<Answer>(work: (deadline: Deadline) => Promise<Answer>, deadline: Deadline): Promise<Answer> {
    this.#pending++
    try {
      const isConnected = this.#link.connected?.()
      if (isConnected !== undefined) {
        await isConnected
        deadline.throwIfOver()
      }
      return await work(deadline)
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
