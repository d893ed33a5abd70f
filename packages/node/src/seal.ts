import type { ServerResponse } from 'node:http'
import { Socket } from 'node:net'

/**
 * Makes a response look as it does once its head, and where `isEnded` its last byte, have gone out, though nothing has: what
 * a framework's error handling asks of it, and what a handler that answers twice meets, is what a bare response shows.
 *
 * @returns a function that makes the response look like itself again.
 */
export function seal(res: ServerResponse, isEnded: () => boolean): () => void {
  const before: [name: string, descriptor: PropertyDescriptor | undefined][] = []
  const override = (name: string, descriptor: PropertyDescriptor): void => {
    before.unshift([name, Object.getOwnPropertyDescriptor(res, name)])
    Object.defineProperty(res, name, { configurable: true, enumerable: true, ...descriptor })
  }
  override('headersSent', { get: () => true })
  override('writableEnded', { get: isEnded })
  override('finished', { get: isEnded, set: () => {} })
  for (const [name, verb] of changes) {
    override(name, {
      writable: true,
      value: () => {
        throw headersSent(verb)
      },
    })
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(res, name)
      else Object.defineProperty(res, name, descriptor)
    }
  }
}

const changes = [
  ['setHeader', 'set'],
  ['setHeaders', 'set'],
  ['appendHeader', 'append'],
  ['removeHeader', 'remove'],
] as const

/** The error that Node itself throws. */
export function headersSent(verb: 'set' | 'append' | 'remove' | 'write'): Error {
  const message = `Cannot ${verb} headers after they are sent to the client`
  return Object.assign(new Error(message), { code: 'ERR_HTTP_HEADERS_SENT' })
}

/**
 * Keeps the connection until the reply that we hold back is written: a handler that answers twice makes Express destroy the
 * socket, which on a bare response happens after the first answer has left.
 *
 * @returns a function that stops keeping it, and closes it after what is written then if somebody wanted it closed.
 */
export function keepOpen(res: ServerResponse): () => void {
  const { socket } = res
  if (!(socket instanceof Socket) || res.req.httpVersionMajor > 1) return () => {}
  const own = Object.getOwnPropertyDescriptor(socket, 'destroy')
  const destroy = socket.destroy
  let isUnwanted = false
  socket.destroy = (error) => {
    if (error) return destroy.call(socket, error)
    isUnwanted = true
    return socket
  }
  return () => {
    if (own === undefined) Reflect.deleteProperty(socket, 'destroy')
    else Object.defineProperty(socket, 'destroy', own)
    if (isUnwanted) socket.destroySoon()
  }
}
