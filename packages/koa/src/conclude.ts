import type { OutgoingHttpHeaders } from 'node:http'
import type { Awaitable, Capture, Pass, Reply, ReplyHead } from '@latchkey/core'
import { headOf, isBodyless, keepingType, prepareReply, StreamLost, strip, type Watch } from '@latchkey/node'
import type { Context } from 'koa'
import { bodyOf, isRenderedByKoa, readWhole } from './body.js'

/**
 * Gives the handler's reply to the pass that let it run, as it stands in `ctx` where the guard is mounted: compression and
 * whatever else is mounted outside works on it later.
 */
export async function conclude(
  ctx: Context,
  { capture, strip: stripped }: Pass<unknown>,
  watch: Watch,
  base: OutgoingHttpHeaders,
): Promise<void> {
  // A handler that answers on the response itself is followed there.
  if (ctx.respond === false || watch.hasBegun) return
  if (capture !== undefined && !isLeftToKoa(ctx, watch)) {
    strip(ctx.res, stripped)
    const instead = await give(ctx, capture, watch, headOf(ctx.res))
    if (instead !== undefined) answer(ctx, instead, base)
  }
  watch.handlerEnded('returned')
}

/** A text that Koa makes of the status is followed on the response, unless Koa will write nothing: the client has gone. */
function isLeftToKoa(ctx: Context, watch: Watch): boolean {
  if (isBodyless(ctx.status)) ctx.body = null
  if (!isRenderedByKoa(ctx)) return false
  if (watch.isClosed) ctx.body = ctx.message || String(ctx.status)
  return !watch.isClosed
}

async function give(ctx: Context, capture: Capture, watch: Watch, head: ReplyHead): Promise<Reply | undefined> {
  const abandon = (reason: 'live' | 'too-large' | 'closed'): Awaitable<Reply | undefined> => {
    watch.captured()
    return capture.abandon(reason, head)
  }
  if (!capture.holds(head)) return abandon('live')
  const body = bodyOf(ctx)
  let bytes: Buffer | undefined
  try {
    bytes = Buffer.isBuffer(body) ? body : await readWhole(body, capture.maxBytes)
  } catch (fault) {
    // Koa 2 answers the failure of a stream before anyone else hears of it.
    if (watch.hasBegun) return undefined
    if (watch.isClosed) return abandon('closed')
    throw fault instanceof StreamLost ? (fault.cause ?? fault) : fault
  }
  if (bytes === undefined || bytes.length > capture.maxBytes) {
    if (ctx.body !== null) setBody(ctx, bytes ?? body)
    return abandon('too-large')
  }
  if (ctx.body !== null) setBody(ctx, bytes)
  const reply = { ...headOf(ctx.res), body: bytes }
  watch.captured()
  return capture.settle(reply)
}

/** Koa makes up a type where there is none; a handler that has removed it wants none. */
function setBody(ctx: Context, body: unknown): void {
  keepingType(ctx.res, () => {
    if (body !== ctx.body) ctx.body = body
  })
}

/** Answers with a guard's reply, where outer middleware sees it. */
export function answer(ctx: Context, reply: Reply, base: OutgoingHttpHeaders): void {
  if (ctx.res.headersSent) return
  ctx.status = reply.status
  ctx.body = isBodyless(reply.status) ? null : Buffer.from(reply.body)
  // Last, because Koa's own setters make up fields.
  prepareReply(ctx.res, reply, base)
}
