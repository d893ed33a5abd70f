import type { IncomingMessage } from 'node:http'
import { BodyError, type BodyOptions, type HeldShare } from '@latchkey/core'
import { Collecting } from '@latchkey/fetch'

/** A Node request whose bytes a host has read ahead: @hono/node-server reads them here, as cloud functions hand them over. */
interface ReadAhead {
  rawBody?: Buffer
}

/** What @hono/node-server notes on a `Request` before anything has asked it for its body. */
const untouched: ReadonlySet<string | undefined> = /* @__PURE__ */ new Set([
  'incomingKey',
  'methodKey',
  'urlKey',
  'headersKey',
  'abortControllerKey',
  'abortReasonKey',
])

/**
 * Whether the body may be read from the socket, past the `Request`: several times cheaper than two streams and a second
 * `Request`. Any doubt sends it the other way, which is right for every host: a server that keeps other notes, a `Request`
 * that was asked for its body (its own stream waits for the bytes), a client that has gone.
 */
export function canReadAhead(request: Request, incoming: IncomingMessage): boolean {
  return (
    incoming.httpVersionMajor === 1 &&
    !incoming.readableDidRead &&
    !incoming.destroyed &&
    !('rawBody' in incoming) &&
    incoming.listenerCount('data') === 0 &&
    Object.getOwnPropertySymbols(request).every((key) => untouched.has(key.description))
  )
}

/**
 * Whether the client went before it had sent the whole body. Asked for it now, the server would make an empty one of it, which ends
 * as a whole one does.
 */
export function isBrokenOff(incoming: IncomingMessage): boolean {
  return incoming.destroyed && !incoming.complete && !('rawBody' in incoming)
}

/** The exact bytes from the socket, kept where `request` finds them whichever way it is read. */
export async function readAhead(
  incoming: IncomingMessage,
  options: BodyOptions,
  share: HeldShare,
): Promise<Uint8Array> {
  if (Number(incoming.headers['content-length']) > options.maxBytes) throw new BodyError('too-large')
  const body = new Collecting(options, share, (error) => {
    incoming.off('data', body.add).off('end', body.end).off('error', body.lost).off('close', body.lost)
    // What is left stays in the socket: the server drains it once the refusal is written.
    if (error !== undefined) incoming.pause()
  })
  incoming.on('data', body.add).on('end', body.end).on('error', body.lost).on('close', body.lost)
  const { buffer, byteOffset, length } = await body.whole
  const bytes = Buffer.from(buffer, byteOffset, length)
  ;(incoming as ReadAhead).rawBody = bytes
  return bytes
}
