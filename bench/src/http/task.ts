/** What servers are measured at: a hello to a caller with an API key, a payment with an idempotency key, a signed delivery. */
export type Task = 'keys' | 'idempotency' | 'signatures'

export type Framework = 'express' | 'koa' | 'hono'

/** One server: who guards its one route. `bare`: nobody; `no-op`: a middleware that does nothing. */
export interface Server {
  readonly framework: Framework
  readonly task: Task
  readonly variant: string
}

/** What a server process tells. The usage is the processor time of the whole process, in microseconds. */
export type FromServer = { readonly port: number } | { readonly usage: number }

/** Asks for the usage. */
export const usageQuestion = 'usage'

export const hello = { hello: 'world' } as const
