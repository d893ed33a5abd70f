import type { RequestHandler } from 'express'
import { IdempotencyFloor } from '../floors/idempotency-floor.js'
import { TimedFloor } from '../floors/signature-floor.js'
import { webhookSecret } from './fixtures.js'

/** Reads the body once, for the digest and for the handler; keeps what `end` is given. */
export function expressFloor(): RequestHandler {
  const floor = new IdempotencyFloor()
  return (req, res, next) => {
    const pieces: Buffer[] = []
    req.on('data', (piece: Buffer) => pieces.push(piece))
    req.on('end', () => {
      const body = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces)
      const id = floor.id('everyone', String(req.headers['idempotency-key']))
      const answer = floor.claim(id, body)
      if (typeof answer === 'object') {
        res.writeHead(answer.status, { 'content-type': 'application/json', 'content-length': answer.body.length })
        return void res.end(answer.body)
      }
      if (answer !== 'run') return void res.sendStatus(409)
      req.body = JSON.parse(body.toString())
      const end = res.end
      res.end = ((chunk: string, ...rest: []) => {
        floor.settle(id, res.statusCode, [['content-type', String(res.getHeader('content-type'))]], Buffer.from(chunk))
        return end.call(res, chunk, ...(rest as unknown as [BufferEncoding]))
      }) as typeof res.end
      next()
    })
  }
}

/** Behind a parser that keeps the bytes. */
export function expressSignatureFloor(): RequestHandler {
  const floor = new TimedFloor(Buffer.from(webhookSecret, 'base64'), 'base64')
  return (req, res, next) => {
    const timestamp = String(req.headers['webhook-timestamp'])
    const signature = String(req.headers['webhook-signature']).slice(3)
    const head = `${req.headers['webhook-id']}.${timestamp}.`
    if (floor.verify(head, timestamp, req.body, signature)) next()
    else res.sendStatus(401)
  }
}
