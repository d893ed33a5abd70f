import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

/**
 * The connection under one response, for all that watch it. When the client has gone, a handler's own `end()` still comes,
 * and with it what is to be settled; a stream that is piped into the response stops, and never comes to its end.
 */
export class Connection {
  readonly #res: ServerResponse
  readonly #checks: (() => void)[] = []
  #pipes = 0
  #isDestroyed = false
  #isClosed = false

  constructor(res: ServerResponse) {
    this.#res = res
    res.on('pipe', (source: Readable) => {
      this.#pipes += 1
      // A pipeline that begins when the client has gone already destroys its source, and that is all one hears of it.
      source.once('close', () => this.#isClosed && this.#check())
    })
    res.on('unpipe', () => {
      this.#pipes -= 1
    })
    const destroy = res.destroy
    res.destroy = (error) => {
      this.#isDestroyed = true
      return destroy.call(res, error)
    }
    if (res.destroyed) this.#close()
    else res.once('close', () => this.#close())
  }

  /** Has `check` called when the connection closes, and again when a writer gives up after that. */
  whenClosed(check: () => void): void {
    this.#checks.push(check)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Whether a stream is being piped into the response, which is an answer even where nothing has been written yet. */
  get isPiped(): boolean {
    return this.#pipes > 0
  }

  /** Once it is closed: whether a reply that has not ended, and has or has not begun, never will. */
  endsReply(hasBegun: boolean): boolean {
    return this.isPiped || this.#isDestroyed || (hasBegun && this.#isCutByUs)
  }

  /** Express cuts the connection where a handler throws in the middle of its reply. */
  get #isCutByUs(): boolean {
    const { socket } = this.#res
    return socket?.destroyed === true && !socket.readableEnded && !socket.errored
  }

  #check(): void {
    for (const check of this.#checks) check()
  }

  #close(): void {
    this.#isClosed = true
    this.#check()
    if (this.#res.writableEnded) return
    // A pipeline from a generator is no pipe: where it gives up, all one hears is that it takes its listener away.
    this.#res.on('removeListener', (event) => {
      if (event === 'drain') setImmediate(() => this.#giveUp())
    })
    // Since Node 22 one from a stream does not even begin: it asks whether the response is closed, and throws.
    Object.defineProperty(this.#res, 'closed', {
      configurable: true,
      get: () => {
        const asker = new Error().stack?.split('\n')[2]
        if (asker?.includes('node:internal/streams/pipeline')) this.#giveUp()
        return true
      },
    })
  }

  #giveUp(): void {
    this.#pipes += 1
    this.#check()
  }
}
