import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  ConfigurationError,
  type GrantOf,
  type Guard,
  grantLedger,
  isPromise,
  type Pass,
  type Reply,
  type Verdict,
} from '@latchkey/core'
import { Connection } from './connection.js'
import { NodeRequest, type Origin } from './request.js'
import type { Watch } from './watch.js'
import { watchReply } from './watch-reply.js'

/** What a guard's verdict means for the framework. */
export type Decision<Grant> =
  | { readonly kind: 'reply'; readonly reply: Reply }
  /** The handler may run; `watch` follows its reply where the guard wants to know of it. */
  | { readonly kind: 'pass'; readonly pass: Pass<Grant>; readonly watch: Watch | undefined }
  /** Nobody waits for an answer any more, and the handler must not run: its body, or its response, is gone. */
  | { readonly kind: 'over' }

/** One request and its response, as all guards on them share them. */
class Exchange {
  readonly request: NodeRequest
  readonly ledger = grantLedger()
  readonly grants = new Map<unknown, unknown>()
  readonly res: ServerResponse
  #connection: Connection | undefined

  constructor(req: IncomingMessage, res: ServerResponse, origin: Origin) {
    this.request = new NodeRequest(req, res, origin)
    this.res = res
  }

  decide<Grant>(name: string, guard: Guard<Grant>, verdict: Verdict<Grant>): Decision<Grant> {
    if (verdict.kind === 'reply') return verdict
    if (this.#isOver(verdict)) {
      void drop(verdict)
      return { kind: 'over' }
    }
    this.ledger.add(name, verdict)
    this.grants.set(guard, verdict.grant)
    return { kind: 'pass', pass: verdict, watch: watchReply(this.res, verdict, this) }
  }

  /** Made when a guard wants to know of it: an API key costs no listeners. */
  get connection(): Connection {
    this.#connection ??= new Connection(this.res)
    return this.#connection
  }

  /**
   * The guard may have waited for its store while the client went away, or while a timeout that stands outside answered.
   * A handler that runs then reads no body, and what it makes of that would be settled.
   */
  #isOver({ capture, settled }: Pass<unknown>): boolean {
    return this.request.isBodyLost || ((capture ?? settled) !== undefined && this.res.headersSent)
  }
}

/** Tells a pass that its handler has not run. */
async function drop(pass: Pass<unknown>): Promise<void> {
  try {
    await pass.capture?.abandon('none')
    await pass.settled?.('abandoned')
  } catch {
    // Neither throws; there is nobody to be told if one does.
  }
}

// Kept on the request: the entries of a WeakMap outlive young collections, which costs more than all the rest here.
interface Exchanged {
  [exchangeKey]?: Exchange
}

const exchangeKey: unique symbol = /* @__PURE__ */ Symbol('latchkey')

/**
 * Asks a guard about a request. One that answers at once is answered for at once; what it throws or rejects with is a
 * misconfiguration, and belongs to the framework's error handling.
 *
 * @param name under which later guards on the request find its grant.
 */
export function ask<Grant>(
  name: string,
  guard: Guard<Grant>,
  req: IncomingMessage & Exchanged,
  res: ServerResponse,
  origin: Origin,
): Decision<Grant> | Promise<Decision<Grant>> {
  const found = req[exchangeKey]
  // A request that an application hands to itself with another response is another exchange.
  const exchange = found?.res === res ? found : new Exchange(req, res, origin)
  req[exchangeKey] = exchange
  const verdict = guard(exchange.request, exchange.ledger)
  if (!isPromise(verdict)) return exchange.decide(name, guard, verdict)
  return Promise.resolve(verdict).then((late) => exchange.decide(name, guard, late))
}

/**
 * What `guard` granted to this request.
 *
 * @throws ConfigurationError `grant-missing` where it has not passed on it.
 */
export function grantOf<G extends Guard<unknown>>(
  name: string,
  guard: G,
  req: IncomingMessage & Exchanged,
): GrantOf<G> {
  const grants = req[exchangeKey]?.grants
  if (grants?.has(guard)) return grants.get(guard) as GrantOf<G>
  throw new ConfigurationError(
    'grant-missing',
    `${name}: there is no grant, because this guard has not run on the request: mount it on the route, before the handler`,
  )
}
