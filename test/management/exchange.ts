import { type IncomingHttpHeaders, request } from 'node:http'

/** What is sent: `body` as JSON, unless it is text, which goes as it is. */
export interface Sent {
  readonly as?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** What came back. */
export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of the JSON, whatever it is. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it member by member
  readonly json: any
}

/** One exchange with a path that no client library has put in order. */
export function exchange(
  url: string,
  method: string,
  path: string,
  { as, body, headers }: Sent = {},
): Promise<Received> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const isWriting = method === 'POST' || method === 'PATCH'
  const fields = {
    ...(isWriting && { 'content-type': 'application/json' }),
    ...(as !== undefined && { 'x-session': as }),
    ...((isWriting || text !== undefined) && { 'content-length': `${Buffer.byteLength(text ?? '')}` }),
    ...headers,
  }
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const outgoing = request({ hostname, port, method, path, headers: fields, agent: false }, (incoming) => {
      const pieces: Buffer[] = []
      incoming.on('data', (piece: Buffer) => pieces.push(piece))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const received = Buffer.concat(pieces).toString()
        const isJson = /json/.test(incoming.headers['content-type'] ?? '') && received !== ''
        const { statusCode, headers } = incoming
        resolve({ status: statusCode!, headers, text: received, json: isJson ? JSON.parse(received) : undefined })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(text)
  })
}
