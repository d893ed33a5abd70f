import type { ServerResponse } from 'node:http'
import { hoist, isStatus } from './head.js'

/** Has the head edited at the moment at which it is written, whoever writes it, error handlers included. */
export function editHead(res: ServerResponse, edit: () => void): void {
  const writeHead = res.writeHead as (...args: unknown[]) => ServerResponse
  let isEdited = false
  const edited = (...args: unknown[]): ServerResponse => {
    if (isEdited || res.headersSent || !isStatus(args[0])) return writeHead.apply(res, args)
    isEdited = true
    hoist(res, args)
    edit()
    return writeHead.call(res, res.statusCode)
  }
  res.writeHead = edited
}
