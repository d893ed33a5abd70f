import type { ServerResponse } from 'node:http'
import { isPromise, type Pass } from '@latchkey/core'
import { atOnce } from './at-once.js'
import type { Connection } from './connection.js'
import { hoist, isStatus } from './head.js'
import {
  argumentsOf,
  type Call,
  endCall,
  endOn,
  interpose,
  type Outlet,
  refuseAfterEnd,
  sizeOf,
  writeCall,
  writeOn,
} from './outlet.js'
import { headersSent, keepOpen, seal } from './seal.js'
import type { Watch } from './watch.js'

type Settled = NonNullable<Pass<unknown>['settled']>

/** Lets a reply pass as it is made, and keeps its last byte back until the guard has been told of its status. */
export class LastByte implements Watch, Outlet {
  readonly #res: ServerResponse
  readonly #settled: Settled
  readonly #connection: Connection
  readonly #next: Outlet
  #state: 'open' | 'telling' | 'passing' = 'open'
  #written = 0
  #writes: Call[] = []
  #end: Call | undefined
  #handlerEnded: 'returned' | 'threw' | undefined
  #letGo: (() => void) | undefined

  constructor(res: ServerResponse, connection: Connection, settled: Settled) {
    this.#res = res
    this.#settled = settled
    this.#connection = connection
    connection.whenClosed(() => this.#closed())
    this.#next = interpose(res, this)
  }

  get hasBegun(): boolean {
    return this.#res.headersSent
  }

  get isClosed(): boolean {
    return this.#connection.isClosed
  }

  captured(): void {}

  handlerEnded(how: 'returned' | 'threw'): void {
    this.#handlerEnded = how
    if (this.#connection.isClosed) this.#closed()
  }

  writeHead(args: readonly unknown[]): ServerResponse {
    if (this.#state === 'telling') throw headersSent('write')
    if (this.#state === 'passing' || this.#res.headersSent || !isStatus(args[0])) return this.#next.writeHead(args)
    // A length that is given here alone has to be seen.
    hoist(this.#res, args)
    return this.#next.writeHead([this.#res.statusCode])
  }

  flushHeaders(): void {
    if (this.#state !== 'telling') this.#next.flushHeaders()
  }

  write(args: readonly unknown[]): boolean {
    if (this.#state === 'passing') return writeOn(this.#res, this.#next, args)
    const call = writeCall(args)
    if (this.#end !== undefined) {
      refuseAfterEnd(this.#res, call)
      return false
    }
    this.#written += sizeOf(call.piece)
    // Where the length is declared, the client has the whole reply with its last byte and does not wait for `end()`.
    if (this.#state === 'open' && !(this.#written >= this.#declaredLength)) return this.#next.write(args)
    this.#writes.push(call)
    if (this.#state === 'open') this.#tell(this.#res.statusCode)
    return true
  }

  end(args: readonly unknown[]): ServerResponse {
    if (this.#state === 'passing') return endOn(this.#res, this.#next, args)
    if (!isStatus(this.#res.statusCode)) return this.#next.end(args)
    const call = endCall(args)
    if (this.#end !== undefined) {
      refuseAfterEnd(this.#res, call)
      return this.#res
    }
    this.#end = call
    if (this.#state === 'telling') this.#letGo ??= keepOpen(this.#res)
    else this.#tell(this.#res.statusCode)
    return this.#res
  }

  get #declaredLength(): number {
    return Number(this.#res.getHeader('content-length'))
  }

  /** When the client has gone, `end()` still comes: only a reply that nobody will end is over. */
  #closed(): void {
    if (this.#state !== 'open') return
    const isCut = this.#connection.endsReply(this.#res.headersSent)
    if (!isCut && this.#handlerEnded === undefined) return
    this.#tell(isCut || this.#handlerEnded === 'threw' ? 'abandoned' : this.#res.statusCode)
  }

  #tell(outcome: number | 'abandoned'): void {
    const told = atOnce(() => this.#settled(outcome))
    if (!isPromise(told)) {
      this.#proceed()
      return
    }
    this.#state = 'telling'
    const unseal = seal(this.#res, () => this.#end !== undefined)
    if (this.#end !== undefined) this.#letGo ??= keepOpen(this.#res)
    const late = (): void => {
      unseal()
      try {
        this.#proceed()
      } catch (error) {
        // The handler has returned long ago: there is nobody to throw at.
        this.#res.destroy(error as Error)
      }
    }
    told.then(late, late)
  }

  #proceed(): void {
    this.#state = 'passing'
    for (const call of this.#writes) this.#next.write(argumentsOf(call))
    if (this.#end !== undefined) this.#next.end(argumentsOf(this.#end))
    this.#letGo?.()
  }
}
