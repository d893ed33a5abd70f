import type { IncomingMessage, ServerResponse } from 'node:http'

/** What the adapter uses of a context. Every context of Koa 2 and 3 is one, whatever the application's types for it. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly protocol: string
  readonly host: string
  readonly originalUrl: string
  readonly ip: string
  readonly state: object
  readonly response: object
  readonly message: string
  status: number
  type: string
  body: unknown
  respond?: boolean | undefined
}
