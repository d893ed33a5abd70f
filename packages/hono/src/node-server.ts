import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'hono'

// What @hono/node-server adds to a Hono app. Types only: the adapter loads on every runtime.

interface Bindings {
  readonly incoming?: IncomingMessage
  readonly outgoing?: ServerResponse
  readonly server?: Bindings
}

function bindings(c: Context): Bindings | undefined {
  const env: Bindings | undefined = c.env
  return env?.server ?? env
}

/** The Node request under this context, or `undefined` on another host. */
export function incomingOf(c: Context): IncomingMessage | undefined {
  const incoming = bindings(c)?.incoming
  return Array.isArray(incoming?.rawHeaders) ? incoming : undefined
}

/**
 * The URL of a request. The server takes a target in absolute form for it as it stands, scheme and all, which the client has
 * written and which says nothing about how it came (RFC 9110 section 7.4): the scheme is then the connection's.
 */
export function urlOnWire(url: string, incoming: IncomingMessage | undefined): string {
  if (incoming?.url === undefined || incoming.url.startsWith('/')) return url
  const isEncrypted = 'encrypted' in incoming.socket && incoming.socket.encrypted === true
  return url.replace(/^https?:/, isEncrypted ? 'https:' : 'http:')
}

/**
 * Whether a `Request` is the one that the server made of this Node request. An app may dispatch requests of its own and hand
 * its `env` on: those have headers and a body that the Node request knows nothing of.
 */
export function isRequestOf(request: Request, incoming: IncomingMessage): boolean {
  const properties = request as unknown as Record<symbol, unknown>
  return Object.getOwnPropertySymbols(request).some((key) => properties[key] === incoming)
}

/** Whether the message has no body (RFC 9112 section 6.3). Only HTTP/1.1 says so in its header fields. */
export function hasNoBody({ httpVersionMajor, headers }: IncomingMessage): boolean {
  return (
    httpVersionMajor === 1 && headers['transfer-encoding'] === undefined && !(Number(headers['content-length']) > 0)
  )
}

/**
 * The header lines that bear `name`; `joined` is what the request shows for it. The raw lines are heeded where they agree
 * with it: an app may have made this request itself, of another one's `env`.
 */
export function linesNamed(
  incoming: IncomingMessage | undefined,
  name: string,
  joined: string | null,
): readonly string[] {
  if (joined === null) return []
  const values: string[] = []
  const lines = incoming?.rawHeaders ?? []
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const line = lines[i]!
    if (line.length === name.length && line.toLowerCase() === name) values.push(lines[i + 1]!)
  }
  return values.length > 1 && isAlike(values.join(', '), joined) ? values : [joined]
}

/** Whether two values differ in blanks at most: an empty line leaves one at the end of the joined value, or is trimmed off. */
function isAlike(a: string, b: string): boolean {
  return a.replace(/[ \t]/g, '') === b.replace(/[ \t]/g, '')
}

/**
 * The status that a handler has written to Node's own response, where it returned the marker that says so; `undefined` for
 * every other response.
 */
export function statusAlreadySent(c: Context, response: Response): number | undefined {
  return response.headers.has('x-hono-already-sent')
    ? (bindings(c)?.outgoing?.statusCode ?? response.status)
    : undefined
}
