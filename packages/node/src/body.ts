import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import {
  BodyError,
  type BodyOptions,
  ConfigurationError,
  Gathering,
  HeldBytes,
  HeldShare,
  handOn,
} from '@latchkey/core'
import { peek, StreamLost } from './peek.js'

const nothing = Buffer.alloc(0)

/** Of the whole process, across every app and guard in it. */
const held = new HeldBytes()

/** The exact bytes of one request's body, read once for all guards on it and put back for whatever is mounted after. */
export class RequestBody {
  readonly #req: IncomingMessage
  readonly #share = new HeldShare(held)
  #reading: Promise<Buffer> | undefined
  /** How many bytes stand in the stream because we have put them back. */
  #length = 0
  #isOurs = false

  constructor(req: IncomingMessage) {
    this.#req = req
  }

  async read(options: BodyOptions): Promise<Uint8Array> {
    if (this.#reading !== undefined) return handOn(await this.#reading, options)
    this.#reading = this.#acquire(options)
    try {
      return await this.#reading
    } catch (error) {
      // What had come stands in the stream again, so a guard with other bounds may ask anew.
      this.#reading = undefined
      throw error
    }
  }

  /** Gives the memory back: to the bound of the process, and a body that nobody has read to the garbage collector. */
  release(): void {
    this.#share.release()
    if (this.#isUnread && this.#req.readableFlowing === null && !this.#req.destroyed) this.#req.resume()
  }

  /** Whether the client has gone and takes along a body that nobody has read after us. */
  get isLost(): boolean {
    return this.#isUnread && isGone(this.#req)
  }

  get #isUnread(): boolean {
    return this.#length > 0 && this.#req.readableLength >= this.#length
  }

  async #acquire(options: BodyOptions): Promise<Buffer> {
    const req = this.#req
    // A body that is not there is not touched: to end its stream breaks the parsers that come after.
    if (!declaresBody(req)) return nothing
    if (!this.#isOurs && wasTouched(req)) return handOn(keptBytes(req), options)
    const length = Number(req.headers['content-length'] ?? 0)
    if (length > options.maxBytes) throw new BodyError('too-large')
    if (length > (options.maxBufferedBytes ?? length)) throw new BodyError('busy')
    this.#isOurs = true
    return this.#peek(options)
  }

  #peek(options: BodyOptions): Promise<Buffer> {
    const { maxBytes, timeoutSeconds, maxBufferedBytes = Number.POSITIVE_INFINITY, onChunk } = options
    const pieces = new Gathering()
    const take = (piece: unknown): void => {
      const bytes = piece as Buffer
      pieces.add(bytes)
      if (pieces.length > maxBytes) throw new BodyError('too-large')
      if (!this.#share.take(bytes.length, maxBufferedBytes)) throw new BodyError('busy')
      onChunk?.(bytes)
    }
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined
      const stop = peek(this.#req, take, (fault) => {
        clearTimeout(timer)
        const whole = this.#putBack(pieces)
        if (fault === undefined) return resolve(whole)
        this.#share.release()
        reject(fault instanceof StreamLost ? new BodyError('aborted') : fault)
      })
      if (stop !== undefined) timer = setTimeout(() => stop(new BodyError('timeout')), timeoutSeconds * 1000)
    })
  }

  #putBack(pieces: Gathering): Buffer {
    const { buffer, byteOffset, byteLength } = pieces.whole()
    const whole = Buffer.from(buffer, byteOffset, byteLength)
    this.#length = whole.length
    if (whole.length > 0) this.#req.unshift(whole)
    return whole
  }
}

/** Whether the message has a body (RFC 9112 section 6.3). From HTTP/2 on it may have one without saying so. */
export function declaresBody({ headers, httpVersionMajor }: IncomingMessage): boolean {
  const length = headers['content-length']
  return (
    headers['transfer-encoding'] !== undefined || (length === undefined ? httpVersionMajor > 1 : Number(length) > 0)
  )
}

/** Whether somebody reads the body, or has read it, or has it decoded to text. */
function wasTouched(req: IncomingMessage): boolean {
  return (
    req.readableDidRead ||
    req.readableEnded ||
    req.readableFlowing === true ||
    req.readableEncoding !== null ||
    req.listenerCount('data') > 0
  )
}

/** What a host that read the body before us has kept of it, where these are the bytes that were sent. */
function keptBytes(req: IncomingMessage): Buffer {
  if (req.readableEnded && !req.readableDidRead) return nothing
  const { rawBody } = req as IncomingMessage & { readonly rawBody?: unknown }
  if (Buffer.isBuffer(rawBody) && isAsSent(req, rawBody)) return rawBody
  throw new ConfigurationError(
    'body-already-read',
    'The request body was read before the guard could see its bytes: mount the guard before the body parser',
  )
}

/** A parser hands its `verify` hook the bytes after it has inflated them. */
function isAsSent({ headers }: IncomingMessage, bytes: Buffer): boolean {
  const length = headers['content-length']
  return length === undefined ? headers['content-encoding'] === undefined : Number(length) === bytes.length
}

function isGone(req: IncomingMessage): boolean {
  // The requests of serverless hosts have sockets of plain data.
  return req.destroyed || (req.socket instanceof Socket && !req.socket.readable)
}
