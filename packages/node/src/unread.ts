import type { IncomingMessage, ServerResponse } from 'node:http'
import { declaresBody } from './body.js'
import { argumentsOf, endCall } from './outlet.js'
import { hasArrived } from './peek.js'

const mostBytes = 1024 * 1024
const mostMs = 1000

/**
 * Lets a client read an answer that comes before it has sent its whole body. The answer goes out at once; its connection is
 * kept reading for a little while after that, and then closed if the body has still not come: to close it on an upload
 * under way resets it, and the client never sees the answer.
 */
export function drainBeforeEnd(req: IncomingMessage, res: ServerResponse): void {
  // A stream of HTTP/2 is reset without its connection.
  if (res.headersSent || req.httpVersionMajor > 1 || req.destroyed || !declaresBody(req) || hasArrived(req)) return
  const length = Number(req.headers['content-length'] ?? 0)
  if (length > mostBytes || req.readableDidRead) res.setHeader('connection', 'close')
  const end = res.end as (...args: unknown[]) => ServerResponse
  let isEnded = false
  const endLater = (...args: unknown[]): ServerResponse => {
    if (isEnded) return res
    isEnded = true
    const { piece, callback } = endCall(args)
    if (piece === undefined) res.flushHeaders()
    else res.write(...(argumentsOf({ piece, callback: undefined }) as [string]))
    drain(req, () => {
      end.apply(res, callback === undefined ? [] : [callback])
      if (!hasArrived(req)) req.socket.destroySoon()
    })
    return res
  }
  res.end = endLater
}

/** Reads and forgets what comes, until all has come or more than we are ready to take. */
function drain(req: IncomingMessage, done: () => void): void {
  const { socket } = req
  const most = socket.bytesRead + mostBytes
  const isOver = (): boolean => req.destroyed || hasArrived(req) || socket.bytesRead > most
  const finish = (): void => {
    clearTimeout(timer)
    req.off('data', check).off('end', finish).off('close', finish)
    if (!hasArrived(req)) req.pause()
    done()
  }
  const check = (): void => {
    if (isOver()) finish()
  }
  const timer = setTimeout(finish, mostMs)
  req.on('data', check).on('end', finish).on('close', finish)
  req.resume()
}
