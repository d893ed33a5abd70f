import {
  BodyError,
  type BodyOptions,
  type GrantLedger,
  type GuardRequest,
  grantLedger,
  type HeldShare,
  handOn,
  type RequestHeaders,
  type WaitUntil,
} from '@latchkey/core'
import { alreadyRead, readRequest, rebuilt, SharedBody } from '@latchkey/fetch'
import type { Context } from 'hono'
import { canReadAhead, isBrokenOff, readAhead } from './node-body.js'
import { hasNoBody, incomingOf, isRequestOf, linesNamed, urlOnWire } from './node-server.js'

/** How a host that is not Node says who is there. */
export type AddressOf = (c: Context) => string | undefined

/** One request on its way through the guards on it, which share what they have read and granted. */
export class Visit implements GuardRequest {
  readonly ledger: GrantLedger = grantLedger()
  readonly method: string
  readonly url: string
  readonly headers: RequestHeaders
  /** The last mount's that has one. */
  addressOf: AddressOf | undefined
  readonly #c: Context
  #body: SharedBody | undefined

  constructor(c: Context) {
    const { raw } = c.req
    this.method = methodOnWire(c)
    this.url = urlOnWire(raw.url, incomingOf(c))
    this.headers = {
      get: (name) => raw.headers.get(name),
      count: (name) => linesNamed(incomingOf(c), name, raw.headers.get(name)).length,
      lines: (name) => linesNamed(incomingOf(c), name, raw.headers.get(name)),
    }
    this.#c = c
  }

  get remoteAddress(): string | undefined {
    const { addressOf } = this
    return addressOf === undefined ? incomingOf(this.#c)?.socket?.remoteAddress : addressOf(this.#c)
  }

  /** The host's own, where Hono was handed one; asked for it in vain, Hono throws. */
  get waitUntil(): WaitUntil | undefined {
    if (incomingOf(this.#c) !== undefined) return undefined
    try {
      const context = this.#c.executionCtx
      return (work) => context.waitUntil(work)
    } catch {
      return undefined
    }
  }

  readonly body = (options: BodyOptions): Promise<Uint8Array> => {
    this.#body ??= new SharedBody((first, share) => exactBody(this.#c, first, share))
    return this.#body.read(options)
  }

  /** Called when the request is over. */
  release(): void {
    this.#body?.release()
  }
}

/**
 * The method, as far as it is told here. Middleware that overrides it makes a request of its own, and so may an app: such a
 * one is an `OPTIONS`, which guards let through as a preflight, only where the wire says so too.
 */
function methodOnWire(c: Context): string {
  const { method } = c.req.raw
  return method === 'OPTIONS' ? (incomingOf(c)?.method ?? method) : method
}

/** The bytes of the body, put back so that whatever runs after reads the same: `c.req.json()`, `c.req.raw.body`, anything. */
async function exactBody(c: Context, options: BodyOptions, share: HeldShare): Promise<Uint8Array> {
  const { raw } = c.req
  // No handler sees a body there either: a `Request` of these methods has none.
  if (raw.method === 'GET' || raw.method === 'HEAD') return new Uint8Array(0)
  const cached = await cachedBytes(c)
  if (cached !== undefined) return handOn(cached, options)
  const incoming = incomingOf(c)
  if (incoming === undefined || !isRequestOf(raw, incoming)) return readAndPutBack(c, options, share)
  // Node's server would make a stream of a body that is not there, and parsers mounted after would wait for it.
  if (hasNoBody(incoming)) return new Uint8Array(0)
  if (isBrokenOff(incoming)) throw new BodyError('aborted')
  if (canReadAhead(raw, incoming)) return readAhead(incoming, options, share)
  const wasReadBefore = incoming.readableDidRead
  const bytes = await readAndPutBack(c, options, share)
  // A host in front of Hono (Express with a parser) drained the socket: its stream ends at once, and pretends to be empty.
  if (wasReadBefore && bytes.length === 0) throw alreadyRead()
  return bytes
}

async function readAndPutBack(c: Context, options: BodyOptions, share: HeldShare): Promise<Uint8Array> {
  const { raw } = c.req
  const bytes = await readRequest(raw, options, share)
  if (raw.bodyUsed) c.req.raw = rebuilt(raw, bytes)
  return bytes
}

/** What Hono kept of a body that was read before: bytes are exact there, a decoded text or its JSON is not. */
async function cachedBytes({ req: { bodyCache } }: Context): Promise<Uint8Array | undefined> {
  if (bodyCache.arrayBuffer !== undefined) return new Uint8Array(await bodyCache.arrayBuffer)
  if (bodyCache.blob !== undefined) return new Uint8Array(await (await bodyCache.blob).arrayBuffer())
  return undefined
}
