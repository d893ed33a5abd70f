import { Agent, type IncomingHttpHeaders, type RequestOptions, request } from 'node:http'
import type { LabProcess } from './lab-process.js'

/** What came back. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of a problem document. */
  readonly code: string | undefined
}

type Headers = Readonly<Record<string, string>>

/** Posts a body of JSON; rejects where the connection breaks. */
export function post(
  url: string,
  headers: Headers,
  agent: Agent | false = false,
  body = '{"amount":5}',
): Promise<Answer> {
  return send(url, { method: 'POST', agent, headers: { 'content-type': 'application/json', ...headers } }, body)
}

function send(url: string, options: RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options)
    sent.on('error', reject).on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('error', reject)
      response.on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => {
        const isProblem = response.headers['content-type'] === 'application/problem+json'
        const code = isProblem ? (JSON.parse(text).code as string) : undefined
        resolve({ status: response.statusCode!, headers: response.headers, text, code })
      })
    })
    sent.end(body)
  })
}

/** A charge at a lab, by alice. */
export function charge({ url, keys }: LabProcess, key: string, query = '', agent?: Agent): Promise<Answer> {
  return post(`${url}/idem/charge${query}`, { authorization: `Bearer ${keys.alice}`, 'idempotency-key': key }, agent)
}

export function isReplay({ headers }: Answer): boolean {
  return headers['idempotent-replayed'] === 'true'
}

/** What has to be the same each time a stored reply is answered: all but what the connection and the moment add. */
export function keptPart({ status, headers, text }: Answer): unknown {
  const { location, etag, 'x-custom': custom, 'content-type': type } = headers
  return { status, text, location, etag, custom, type }
}

/** Connections that are kept open, so many at most to each server. A server closes them when they have been idle for a while. */
export function connections(maxSockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets })
}

/** How often the handlers of these labs have run between them. */
export async function runs(...labs: readonly LabProcess[]): Promise<number> {
  const totals = labs.map(async ({ url }) => {
    const { text } = await send(`${url}/lab/runs`, { agent: false })
    return JSON.parse(text).total as number
  })
  return (await Promise.all(totals)).reduce((sum, total) => sum + total)
}

/** Asks again until `found` is content, and answers what contented it. */
export async function until<T>(ask: () => Promise<T> | T, found: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (found(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

export function untilRuns(lab: LabProcess, total: number): Promise<number> {
  return until(
    () => runs(lab),
    (count) => count >= total,
  )
}
