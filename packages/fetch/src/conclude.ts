import { type Capture, Gathering, type Pass, type Reply, type ReplyHead } from '@latchkey/core'
import { declaresMoreThan } from './read-request.js'
import {
  allowsBody,
  bodyFor,
  encodingOf,
  replyHeaders,
  toResponse,
  withoutFields,
  withPassHeaders,
} from './response.js'

/** What a host knows about the exchange that {@link conclude} ends. */
export interface Exchange {
  /** Header fields that outer middleware prepared before the handler ran; a reply sent in its place keeps them. */
  readonly prepared?: Headers
  /** Whether the request's method is HEAD, so that the length of an absent body is unknown. */
  readonly isHead?: boolean
}

/**
 * Gives the handler's response to the pass that let it run: the fields stripped that only the guard may set, captured where
 * the guard captures, its final status told, the pass's header fields applied.
 *
 * @returns the response to send: the same one where nothing about it had to change.
 */
export async function conclude(pass: Pass<unknown>, response: Response, exchange: Exchange = {}): Promise<Response> {
  const own = pass.strip === undefined ? response : withoutFields(response, pass.strip)
  const final = pass.capture === undefined ? { response: own } : await captured(pass.capture, own, exchange)
  if (pass.settled !== undefined) await pass.settled(final.isBroken === true ? 'abandoned' : final.response.status)
  return pass.headers === undefined ? final.response : withPassHeaders(final.response, pass.headers)
}

/**
 * Tells a pass that its handler ended without a response.
 *
 * @returns a reply to send all the same, or `undefined`.
 */
export async function concludeWithout(pass: Pass<unknown>): Promise<Reply | undefined> {
  const instead = await pass.capture?.abandon('none')
  await pass.settled?.(instead?.status ?? 'abandoned')
  return instead
}

interface Final {
  readonly response: Response
  /** Whether it breaks off: the client sees a failure, whatever the status says. */
  readonly isBroken?: boolean
}

async function captured(capture: Capture, response: Response, exchange: Exchange): Promise<Final> {
  const or = (instead: Reply | undefined, own: () => Response): Final => ({
    response: instead === undefined ? own() : toResponse(instead, exchange.prepared),
  })
  // A protocol switch, a network error or a body that somebody reads already cannot be taken apart and made again.
  if (response.status < 200 || response.bodyUsed || response.body?.locked === true) {
    return or(await capture.abandon('unseen'), () => response)
  }
  const head: ReplyHead = { status: response.status, headers: replyHeaders(response.headers) }
  if (!capture.holds(head)) {
    const instead = await capture.abandon('live', head)
    if (instead !== undefined) response.body?.cancel().catch(() => {})
    return or(instead, () => response)
  }
  const held = await hold(response, capture.maxBytes)
  if (held.isWhole) {
    return or(await capture.settle({ ...head, body: held.bytes }), () => remade(response, held.bytes, exchange))
  }
  const instead = await capture.abandon(held.reason, head)
  if (instead !== undefined) held.stream.cancel().catch(() => {})
  const isBroken = held.reason === 'closed' && instead === undefined
  return { ...or(instead, () => new Response(held.stream, response)), isBroken }
}

type Held =
  | { readonly isWhole: true; readonly bytes: Uint8Array }
  | { readonly isWhole: false; readonly reason: 'too-large' | 'closed'; readonly stream: ReadableStream<Uint8Array> }

/** Reads a response to its end, or until it is known to be larger than `maxBytes` or broken. */
async function hold(response: Response, maxBytes: number): Promise<Held> {
  const bytes = new Gathering()
  if (response.body === null) return { isWhole: true, bytes: bytes.whole() }
  const reader = response.body.getReader()
  const tooLarge = (): Held => ({ isWhole: false, reason: 'too-large', stream: resumed(bytes.whole(), reader) })
  if (declaresMoreThan(maxBytes, response.headers)) return tooLarge()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { isWhole: true, bytes: bytes.whole() }
      bytes.add(bytesOf(value))
      if (bytes.length > maxBytes) return tooLarge()
    }
  } catch (error) {
    // The client sees what it would have seen without us: a reply that breaks off. Node's server writes the message of an
    // early error into its 500, so that it must not be the stream's own.
    const failure = new Error('The response stream broke off', { cause: error })
    return { isWhole: false, reason: 'closed', stream: resumed(bytes.whole(), reader, failure) }
  }
}

/** What was held and then the rest, or the failure that ended it, at the pace of whoever reads it. */
function resumed(
  start: Uint8Array,
  reader: ReadableStreamDefaultReader<unknown>,
  failure?: Error,
): ReadableStream<Uint8Array> {
  let pending = start.length > 0 ? start : undefined
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (pending !== undefined) {
          controller.enqueue(pending)
          pending = undefined
          return
        }
        if (failure !== undefined) throw failure
        const { done, value } = await reader.read()
        if (done) controller.close()
        else controller.enqueue(bytesOf(value))
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

/** Node hosts also write texts and views that a stream hands them. */
function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk
  if (typeof chunk === 'string') return new TextEncoder().encode(chunk)
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk)
  throw new TypeError('The response stream produced a chunk that is not bytes')
}

/** The handler's response again, from its bytes. */
function remade(response: Response, bytes: Uint8Array, exchange: Exchange): Response {
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  // Its length is known now: a chunked framing that a streaming helper announced no longer holds.
  headers.delete('transfer-encoding')
  if (allowsBody(status) && exchange.isHead !== true) headers.set('content-length', String(bytes.length))
  return new Response(bodyFor(status, bytes), { status, statusText, headers, ...encodingOf(headers, bytes) })
}
