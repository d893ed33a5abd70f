import type { RequestHandler } from 'express'
import { nodeIdempotency } from '../peers/idempotency-peers.js'

/** The thinnest middleware over the core of node-idempotency, which has none for Express. */
export function nodeIdempotencyMiddleware(): RequestHandler {
  const core = nodeIdempotency()
  return (req, res, next) => {
    const request = { headers: req.headers, path: req.path, method: req.method, body: req.body }
    core.onRequest<string, unknown>(request).then((stored) => {
      if (stored !== undefined) {
        res.status(Number(stored.additional?.status)).type('json').send(stored.body)
        return
      }
      const send = res.send
      res.send = (body) => {
        res.send = send
        if (typeof body !== 'string') return send.call(res, body)
        core
          .onResponse(request, { body, additional: { status: res.statusCode } })
          .then(() => send.call(res, body), next)
        return res
      }
      next()
    }, next)
  }
}
