import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'

/**
 * The connection under one reply. When the client has gone, a handler's own `end()` still comes, and with it what is to be
 * settled; a stream that is piped into the response stops, and never comes to its end.
 */
export class Connection {
  readonly #res: ServerResponse
  readonly #check: () => void
  #pipes = 0
  #isGivenUp = false
  #isClosed = false

  /** @param closed is called when it closes, and again when a writer gives up after that; whether or not all has ended. */
  constructor(res: ServerResponse, closed: () => void) {
    this.#res = res
    this.#check = closed
    res.on('pipe', (source: Readable) => {
      this.#pipes += 1
      // A pipeline that begins when the client has gone already destroys its source, and that is all one hears of it.
      source.once('close', () => this.#isClosed && closed())
    })
    res.on('unpipe', () => {
      this.#pipes -= 1
    })
    const destroy = res.destroy
    res.destroy = (error) => {
      this.#isGivenUp = true
      return destroy.call(res, error)
    }
    res.once('close', () => this.#close())
  }

  get isClosed(): boolean {
    return this.#isClosed || this.#res.destroyed
  }

  /** Whether a stream is being piped into the response, which is an answer even where nothing has been written yet. */
  get isPiped(): boolean {
    return this.#pipes > 0
  }

  /** Once it is closed: whether a reply that has not ended, and has or has not begun, never will. */
  endsReply(hasBegun: boolean): boolean {
    return this.isPiped || this.#isGivenUp || (hasBegun && this.#isCutByUs)
  }

  /** Express cuts the connection where a handler throws in the middle of its reply. */
  get #isCutByUs(): boolean {
    const { socket } = this.#res
    return socket?.destroyed === true && !socket.readableEnded && !socket.errored
  }

  #close(): void {
    this.#isClosed = true
    // A pipeline from a generator is no pipe: where it gives up, all one hears is that it takes its listener away.
    this.#res.on('removeListener', (event) => {
      if (event !== 'drain') return
      setImmediate(() => {
        this.#isGivenUp = true
        this.#check()
      })
    })
    this.#check()
  }
}
