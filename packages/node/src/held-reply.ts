import type { ServerResponse } from 'node:http'
import type { Reply, ReplyHead } from '@latchkey/core'
import { headOf, isBodyless } from './head.js'
import { argumentsOf, bytesOf, type Call, type Outlet, type Piece, sizeOf } from './outlet.js'

/** A reply as the handler gives it, kept call by call so that it can be handed on as if nobody had held it. */
export class HeldReply {
  /** Once the handler has called it. */
  end: Call | undefined
  length = 0
  /** By `writeHead` or `flushHeaders`: then a body of unknown length follows, whatever comes. */
  isHeadGiven = false
  isFlushed = false
  readonly #res: ServerResponse
  #head: ReplyHead | undefined
  #message: string | undefined
  #pieces: Piece[] = []

  constructor(res: ServerResponse) {
    this.#res = res
  }

  /** `undefined` while the handler has not begun. */
  get head(): ReplyHead | undefined {
    return this.#head
  }

  /** Takes the head as it stands now: outer middleware edits it at the moment at which it is written. */
  begin(): ReplyHead {
    this.#message = messageOf(this.#res)
    this.#head = headOf(this.#res)
    return this.#head
  }

  add({ piece, callback }: Call): void {
    if (piece === undefined) return
    this.length += sizeOf(piece)
    // Once its callback has been called a writer may use its buffer again.
    const isBorrowed = callback !== undefined && typeof piece.chunk !== 'string'
    this.#pieces.push(isBorrowed ? { ...piece, chunk: Buffer.from(piece.chunk) } : piece)
  }

  finish(call: Call): void {
    this.end = call
    if (call.piece !== undefined) this.length += sizeOf(call.piece)
  }

  /** The whole of it, once it has ended. */
  whole(head: ReplyHead): Reply {
    const pieces = this.end?.piece === undefined ? this.#pieces : [...this.#pieces, this.end.piece]
    return { ...head, body: bytesOf(isBodyless(head.status) ? [] : pieces) }
  }

  /**
   * Makes the calls that were held: the length is declared, or the body is chunked, as it would have been without us.
   *
   * @returns whether there is room for more.
   */
  passOn(next: Outlet): boolean {
    const res = this.#res
    // What a handler or its error handling has assigned since had no effect any more.
    if (this.#head !== undefined) res.statusCode = this.#head.status
    if (this.#message !== messageOf(res)) res.statusMessage = this.#message ?? ''
    if (this.isHeadGiven) next.writeHead([res.statusCode])
    let isReady = true
    for (const { chunk, encoding } of this.#pieces) isReady = next.write([chunk, encoding])
    this.drop()
    if (this.end !== undefined) next.end(argumentsOf(this.end))
    else if (this.isFlushed) next.flushHeaders()
    return isReady
  }

  drop(): void {
    this.#pieces = []
  }
}

/** HTTP/2 has none, and Node warns of who asks for it. */
function messageOf(res: ServerResponse): string | undefined {
  return res.req.httpVersionMajor > 1 ? undefined : res.statusMessage
}
