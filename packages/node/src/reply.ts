import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Reply } from '@latchkey/core'
import { becomeReply, isBodyless } from './head.js'
import { drainBeforeEnd } from './unread.js'

/**
 * Makes the head that of a guard's reply, for a framework that writes the body in its own way: header fields that outer
 * middleware set before (`base`) stay where the reply has none of that name.
 *
 * @returns the body to write; `null` where the status allows none.
 */
export function prepareReply(res: ServerResponse, reply: Reply, base: OutgoingHttpHeaders): Buffer | null {
  becomeReply(res, base, reply)
  return isBodyless(reply.status) ? null : Buffer.from(reply.body.buffer, reply.body.byteOffset, reply.body.byteLength)
}

/** Answers in place of the handler, unless somebody who stands outside has answered meanwhile. */
export function sendReply(req: IncomingMessage, res: ServerResponse, reply: Reply): void {
  if (res.headersSent || res.writableEnded) return
  const body = prepareReply(res, reply, res.getHeaders())
  drainBeforeEnd(req, res)
  res.end(body)
}
