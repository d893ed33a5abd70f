import { BodyError, type BodyOptions, ConfigurationError, type HeldShare } from '@latchkey/core'
import { Collecting } from './collecting.js'

/** Most bytes of a refused upload that are read all the same, so that a client in the middle of it gets to the answer. */
const drainedBytes = 1024 * 1024

/** The exact bytes of a request's body; a body that is not there is not touched. */
export async function readRequest(request: Request, options: BodyOptions, share: HeldShare): Promise<Uint8Array> {
  if (request.method === 'GET' || request.method === 'HEAD') return new Uint8Array(0)
  if (request.bodyUsed) throw alreadyRead()
  // Before the body is touched: Node's server makes a stream of it then, which nobody drains.
  if (declaresMoreThan(options.maxBytes, request.headers)) throw new BodyError('too-large')
  if (request.body === null) return new Uint8Array(0)
  if (request.body.locked) throw alreadyRead()
  return readStream(request.body, options, share)
}

/** Whether a message declares a length of more than `maxBytes`. */
export function declaresMoreThan(maxBytes: number, headers: { get(name: string): string | null }): boolean {
  return Number(headers.get('content-length') ?? 0) > maxBytes
}

/** The stream is never cancelled: on Node that would close the socket before the refusal is written. */
function readStream(stream: ReadableStream<Uint8Array>, options: BodyOptions, share: HeldShare): Promise<Uint8Array> {
  const reader = stream.getReader()
  const body = new Collecting(options, share)
  const pump = async (): Promise<void> => {
    try {
      for (let drained = 0; drained <= drainedBytes; ) {
        const { done, value } = await reader.read()
        if (done) return body.end()
        body.add(value)
        if (body.isOver) drained += value.length
      }
    } catch {
      body.lost()
    }
  }
  void pump()
  return body.whole
}

/** Something in front of the guard consumed the body and kept no exact bytes of it. */
export function alreadyRead(): ConfigurationError {
  return new ConfigurationError(
    'body-already-read',
    'The request body was read before the guard could see its exact bytes; mount the guard before whatever reads the ' +
      'body (parsers, validators, loggers): they read the same bytes again after it',
  )
}
