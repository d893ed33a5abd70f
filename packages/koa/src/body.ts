import { PassThrough, Readable } from 'node:stream'
import { peek } from '@latchkey/node'
import type { Context } from 'koa'

/** Whether Koa writes a text of its own for the status: it tells a body that was never set from `ctx.body = null`. */
export function isRenderedByKoa({ body, response }: Context): boolean {
  const isNullOnPurpose = '_explicitNullBody' in response && response._explicitNullBody === true
  return (body === null || body === undefined) && !isNullOnPurpose
}

/** The body that Koa would write. */
export function bodyOf({ body }: Context): Buffer | Readable {
  if (body === null || body === undefined) return Buffer.alloc(0)
  if (typeof body === 'string') return Buffer.from(body)
  if (Buffer.isBuffer(body)) return body
  return streamOf(body) ?? Buffer.from(JSON.stringify(body) ?? '')
}

function streamOf(body: unknown): Readable | undefined {
  if (body instanceof Readable) return body
  if (body instanceof Blob) return Readable.from(body.stream())
  if (body instanceof ReadableStream) return Readable.from(body)
  if (body instanceof Response) return Readable.from(body.body ?? [])
  return isForeignStream(body) ? relayed(body) : undefined
}

/** A stream of the older kind, or of a package of its own: it has no way to put anything back. */
function isForeignStream(body: unknown): body is NodeJS.ReadableStream {
  return typeof (body as { pipe?: unknown }).pipe === 'function'
}

function relayed(stream: NodeJS.ReadableStream): Readable {
  const relay = new PassThrough()
  stream.on('error', (error) => relay.destroy(error))
  return stream.pipe(relay)
}

const tooLarge = /* @__PURE__ */ Symbol('too large')

/**
 * Reads a stream to its end.
 *
 * @returns `undefined` where it has more than `maxBytes`; then all that was read stands in it again.
 */
export function readWhole(stream: Readable, maxBytes: number): Promise<Buffer | undefined> {
  const pieces: (string | Uint8Array)[] = []
  let length = 0
  const take = (piece: unknown): void => {
    if (typeof piece !== 'string' && !(piece instanceof Uint8Array)) {
      throw new TypeError('The stream that is the body produced something that is neither text nor bytes')
    }
    pieces.push(piece)
    length += Buffer.byteLength(piece)
    if (length > maxBytes) throw tooLarge
  }
  return new Promise((resolve, reject) => {
    peek(stream, take, (fault) => {
      if (fault === undefined) {
        // Whoever waits for its end, a pipeline perhaps, has to see it.
        stream.once('end', () => resolve(Buffer.concat(pieces.map((piece) => Buffer.from(piece as Uint8Array)))))
        stream.resume()
      } else if (fault === tooLarge) {
        for (const piece of pieces.toReversed()) stream.unshift(piece)
        resolve(undefined)
      } else reject(fault)
    })
  })
}
