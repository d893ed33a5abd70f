import type { ServerResponse } from 'node:http'

/**
 * The connection under one reply. When the client has gone, a handler's own `end()` still comes, and so does what it has to
 * settle; the end of a piped stream never does.
 */
export class Connection {
  readonly #res: ServerResponse
  #pipes = 0
  #isTorn = false
  #isClosed = false

  /** @param closed is called when it closes, whether or not the reply has ended. */
  constructor(res: ServerResponse, closed: () => void) {
    this.#res = res
    res.on('pipe', () => {
      this.#pipes += 1
    })
    res.on('unpipe', () => {
      this.#pipes -= 1
    })
    const destroy = res.destroy
    res.destroy = (error) => {
      this.#isTorn = true
      return destroy.call(res, error)
    }
    res.once('close', () => {
      this.#isClosed = true
      closed()
    })
  }

  get isClosed(): boolean {
    return this.#isClosed || this.#res.destroyed
  }

  /** Once it is closed: whether a reply that has not ended, and has or has not begun, never will. */
  endsReply(hasBegun: boolean): boolean {
    return this.#pipes > 0 || this.#isTorn || (hasBegun && this.#isCutByUs)
  }

  /** Express cuts the connection where a handler throws in the middle of its reply. */
  get #isCutByUs(): boolean {
    const { socket } = this.#res
    return socket?.destroyed === true && !socket.readableEnded && !socket.errored
  }
}
