import type { ServerResponse } from 'node:http'

/** What a handler hands to `write`. */
export interface Piece {
  readonly chunk: string | Uint8Array
  readonly encoding: BufferEncoding | undefined
}

type Callback = (error?: Error | null) => void

/** A call of `write` or `end`, taken apart. */
export interface Call {
  readonly piece: Piece | undefined
  readonly callback: Callback | undefined
}

/** The ways in which a response is written. */
export interface Outlet {
  writeHead(args: readonly unknown[]): ServerResponse
  flushHeaders(): void
  write(args: readonly unknown[]): boolean
  end(args: readonly unknown[]): ServerResponse
}

/**
 * Puts `outlet` in front of how the response is written now. It stands at the place where this is called: what outer
 * middleware has put in front before comes after it, and does to the reply what it does to any.
 *
 * @returns the way on.
 */
export function interpose(res: ServerResponse, outlet: Outlet): Outlet {
  const { writeHead, flushHeaders, write, end } = res as unknown as Record<keyof Outlet, (...args: unknown[]) => never>
  Object.assign(res, {
    writeHead: (...args: unknown[]) => outlet.writeHead(args),
    flushHeaders: () => outlet.flushHeaders(),
    write: (...args: unknown[]) => outlet.write(args),
    end: (...args: unknown[]) => outlet.end(args),
  })
  return {
    writeHead: (args) => writeHead.apply(res, [...args]),
    flushHeaders: () => flushHeaders.call(res),
    write: (args) => write.apply(res, [...args]),
    end: (args) => end.apply(res, [...args]),
  }
}

/** `write(chunk, encoding?, callback?)`. Checked at once, as Node does, since what is held back is written when nobody listens. */
export function writeCall([chunk, encoding, callback]: readonly unknown[]): Call & { readonly piece: Piece } {
  if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) throw notAChunk(chunk)
  const last = typeof encoding === 'function' ? encoding : callback
  const named = typeof encoding === 'string' ? (encoding as BufferEncoding) : undefined
  return { piece: { chunk, encoding: named }, callback: typeof last === 'function' ? (last as Callback) : undefined }
}

/** `end(chunk?, encoding?, callback?)`. */
export function endCall(args: readonly unknown[]): Call {
  const [chunk, encoding, callback] = args
  if (typeof chunk !== 'function' && chunk) return writeCall(args)
  const last = [chunk, encoding, callback].find((each) => typeof each === 'function')
  return { piece: undefined, callback: last as Callback | undefined }
}

/** The arguments that the call was made with. */
export function argumentsOf({ piece, callback }: Call): unknown[] {
  if (piece === undefined) return callback === undefined ? [] : [callback]
  return callback === undefined ? [piece.chunk, piece.encoding] : [piece.chunk, piece.encoding, callback]
}

/** How many bytes the piece is. */
export function sizeOf({ chunk, encoding }: Piece): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length
}

/** The bytes of the pieces, one after the other. */
export function bytesOf(pieces: readonly Piece[]): Buffer {
  const [first] = pieces
  if (first === undefined) return Buffer.alloc(0)
  return pieces.length === 1 ? toBuffer(first) : Buffer.concat(pieces.map(toBuffer))
}

function toBuffer({ chunk, encoding }: Piece): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding)
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

/** The error that Node itself throws. */
function notAChunk(chunk: unknown): Error {
  const message = `The chunk must be a string or bytes, but is ${chunk === null ? 'null' : typeof chunk}`
  const code = chunk === null ? 'ERR_STREAM_NULL_VALUES' : 'ERR_INVALID_ARG_TYPE'
  return Object.assign(new TypeError(message), { code })
}

/** Tells a handler that writes after its own end, as a bare response does, except that the process survives it. */
export function refuseAfterEnd(res: ServerResponse, { piece, callback }: Call): void {
  if (callback === undefined) return
  if (piece === undefined) res.once('finish', callback)
  else process.nextTick(callback, Object.assign(new Error('write after end'), { code: 'ERR_STREAM_WRITE_AFTER_END' }))
}

/** Writes on, unless the response has ended: Node would raise an error that nobody listens for, and the process with it. */
export function writeOn(res: ServerResponse, next: Outlet, args: readonly unknown[]): boolean {
  if (!res.writableEnded) return next.write(args)
  refuseAfterEnd(res, writeCall(args))
  return false
}

/** Ends, unless the response has ended and there is something more to write. */
export function endOn(res: ServerResponse, next: Outlet, args: readonly unknown[]): ServerResponse {
  const call = res.writableEnded ? endCall(args) : undefined
  if (call?.piece === undefined) return next.end(args)
  refuseAfterEnd(res, call)
  return res
}
