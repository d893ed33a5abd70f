import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { type Awaitable, type Capture, isPromise, type Reply, type ReplyHead } from '@latchkey/core'
import { atOnce } from './at-once.js'
import type { Connection } from './connection.js'
import { becomeReply, hoist, isBodyless, isStatus, strip } from './head.js'
import { HeldReply } from './held-reply.js'
import { endCall, endOn, interpose, type Outlet, refuseAfterEnd, writeCall, writeOn } from './outlet.js'
import { headersSent, keepOpen, seal } from './seal.js'
import type { Watch } from './watch.js'

/**
 * - `open`: the handler has not begun to answer;
 * - `held`: its head is known, and nothing has left;
 * - `asking`: the capture has been asked and has not answered yet;
 * - `passing`: what is written goes on to the client;
 * - `replaced`: another reply has been sent, and the rest of the handler's own is dropped.
 */
type State = 'open' | 'held' | 'asking' | 'passing' | 'replaced'

/** From so many bytes on a writer is told to wait while the capture makes up its mind. */
const mostAskingBytes = 64 * 1024

/** Holds a reply back, at the guard's own place in the chain, until the capture has been told of it. */
export class ReplyHold implements Watch, Outlet {
  readonly #res: ServerResponse
  readonly #capture: Capture
  readonly #stripped: readonly string[]
  readonly #base: OutgoingHttpHeaders
  readonly #connection: Connection
  readonly #held: HeldReply
  readonly #next: Outlet
  #state: State = 'open'
  #isReady = true
  #isLost = false
  #handlerEnded: 'returned' | 'threw' | undefined
  #unseal: (() => void) | undefined
  #letGo: (() => void) | undefined

  constructor(res: ServerResponse, connection: Connection, capture: Capture, stripped: readonly string[] = []) {
    this.#res = res
    this.#capture = capture
    this.#stripped = stripped
    this.#base = res.getHeaders()
    this.#held = new HeldReply(res)
    this.#connection = connection
    connection.whenClosed(() => this.#closed())
    this.#next = interpose(res, this)
  }

  get hasBegun(): boolean {
    return this.#state !== 'open'
  }

  get isClosed(): boolean {
    return this.#connection.isClosed
  }

  captured(): void {
    this.#state = 'passing'
  }

  handlerEnded(how: 'returned' | 'threw'): void {
    this.#handlerEnded = how
    if (this.#connection.isClosed) this.#closed()
  }

  writeHead(args: readonly unknown[]): ServerResponse {
    if (this.#state === 'held' || this.#state === 'asking') throw headersSent('write')
    // The head of a reply that replaces the handler's may come late, from outer middleware: it passes.
    if (this.#state !== 'open' || !isStatus(args[0])) return this.#next.writeHead(args)
    hoist(this.#res, args)
    this.#held.isHeadGiven = true
    this.#begin()
    return this.#res
  }

  flushHeaders(): void {
    if (this.#state === 'passing') this.#next.flushHeaders()
    else this.#held.isFlushed = true
    if (this.#state !== 'open') return
    this.#held.isHeadGiven = true
    this.#begin()
  }

  write(args: readonly unknown[]): boolean {
    if (this.#state === 'passing') return writeOn(this.#res, this.#next, args)
    const call = writeCall(args)
    if (this.#state === 'open' && isStatus(this.#res.statusCode)) this.#begin()
    if (this.#state === 'open' || this.#isPassing) return this.#next.write(args)
    if (this.#state !== 'replaced' && this.#held.end !== undefined) {
      refuseAfterEnd(this.#res, call)
      return false
    }
    // A writer that waits for its callback before it goes on would otherwise never come to its end.
    if (call.callback !== undefined) process.nextTick(call.callback)
    return this.#state === 'replaced' || this.#keep(call)
  }

  end(args: readonly unknown[]): ServerResponse {
    const isOpen = this.#state === 'open'
    if (this.#state === 'passing') return endOn(this.#res, this.#next, args)
    if (isOpen && !isStatus(this.#res.statusCode)) return this.#next.end(args)
    const call = endCall(args)
    if (this.#held.end !== undefined || this.#state === 'replaced') {
      refuseAfterEnd(this.#res, call)
      return this.#res
    }
    this.#held.finish(call)
    if (this.#state === 'asking') this.#letGo ??= keepOpen(this.#res)
    else if (isOpen && !this.#holds()) this.#abandon('live')
    else this.#settle(this.#held.head!)
    return this.#res
  }

  get #isPassing(): boolean {
    return this.#state === 'passing'
  }

  /** From here on the head looks as if it had left: what the framework's error handling asks has its usual answer. */
  #begin(): void {
    this.#state = 'held'
    const isHeld = this.#holds()
    this.#seal()
    if (!isHeld) this.#abandon('live')
  }

  #holds(): boolean {
    strip(this.#res, this.#stripped)
    return this.#capture.holds(this.#held.begin())
  }

  #keep(call: ReturnType<typeof writeCall>): boolean {
    this.#held.add(call)
    if (this.#state === 'held' && this.#held.length > this.#capture.maxBytes) this.#abandon('too-large')
    // A pipe waits for `drain` where the client is slow, and while the capture is asked; to hold costs no waiting.
    if (this.#state === 'asking') this.#isReady = this.#held.length <= mostAskingBytes
    return this.#isReady
  }

  #settle(head: ReplyHead): void {
    if (this.#held.length > this.#capture.maxBytes && !isBodyless(head.status)) this.#abandon('too-large')
    else this.#ask(() => this.#capture.settle(this.#held.whole(head)))
  }

  #abandon(reason: 'too-large' | 'live' | 'closed' | 'none'): void {
    this.#ask(() => this.#capture.abandon(reason, this.#held.head))
  }

  /** When the client has gone, `end()` still comes: only a reply that nobody will end is over. */
  #closed(): void {
    const hasBegun = this.#state === 'held'
    if (!hasBegun && this.#state !== 'open') return
    if (this.#handlerEnded === undefined && !this.#connection.endsReply(hasBegun)) return
    if (this.#connection.isPiped && !hasBegun) this.#held.begin()
    this.#held.drop()
    this.#isLost = true
    this.#abandon(this.#handlerEnded === 'threw' && !hasBegun ? 'none' : 'closed')
  }

  #ask(question: () => Awaitable<Reply | undefined>): void {
    const answer = atOnce(question)
    if (!isPromise(answer)) {
      this.#proceed(answer)
      return
    }
    this.#state = 'asking'
    this.#seal()
    if (this.#held.end !== undefined) this.#letGo ??= keepOpen(this.#res)
    const late = (instead?: Reply): void => {
      try {
        this.#proceed(instead)
      } catch (error) {
        // The handler has returned long ago: there is nobody to throw at.
        this.#res.destroy(error as Error)
      }
    }
    answer.then(late, () => late())
  }

  #seal(): void {
    this.#unseal ??= seal(this.#res, () => this.#held.end !== undefined)
  }

  #proceed(instead: Reply | undefined): void {
    const hadToWait = !this.#isReady
    this.#unseal?.()
    this.#state = 'passing'
    // Nobody will end the reply, or somebody who stands outside has answered meanwhile.
    if (this.#isLost || this.#res.writableEnded) this.#state = 'replaced'
    else if (instead !== undefined) this.#replace(instead)
    else this.#isReady = this.#held.passOn(this.#next)
    this.#letGo?.()
    if (hadToWait && this.#isReady) this.#res.emit('drain')
  }

  #replace(instead: Reply): void {
    const { callback } = this.#held.end ?? {}
    this.#held.drop()
    becomeReply(this.#res, this.#base, instead)
    this.#next.end([
      ...(isBodyless(instead.status) ? [] : [Buffer.from(instead.body)]),
      ...(callback ? [callback] : []),
    ])
    this.#isReady = true
    this.#state = 'replaced'
  }
}
