import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import type { AddressInfo, Server } from 'node:net'
import { getRequestListener, serve } from '@hono/node-server'
import type { Guard } from '@latchkey/core'
import { Hono } from 'hono'
import { methodOverride } from 'hono/method-override'
import { describe, expect, it, onTestFinished } from 'vitest'
import { mount } from './index.js'

const reading: Guard<string> = async (request) => ({
  kind: 'pass',
  grant: new TextDecoder().decode(await request.body({ maxBytes: 1000, timeoutSeconds: 5 })),
})
const app = new Hono()
  .post('/', mount('seen', reading), async (c) => c.json([c.var.seen, await c.req.text()]))
  .onError((error, c) => c.json([(error as { code?: string }).code ?? error.message], 500))

async function portOf(server: Pick<Server, 'listening' | 'address' | 'once' | 'close'>): Promise<number> {
  if (!server.listening) await once(server as Server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** A Node server that does something with the request before it hands it to Hono. */
async function inFront(before: (req: IncomingMessage) => Promise<void>): Promise<string> {
  const listener = getRequestListener(app.fetch)
  const server = createServer((req, res) => void before(req).then(() => listener(req, res))).listen(0, '127.0.0.1')
  return `http://127.0.0.1:${await portOf(server)}/`
}

async function drained(req: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of req) pieces.push(piece)
  return Buffer.concat(pieces)
}

describe('a host in front of Hono', () => {
  it.each([
    ['by length', 'hello'],
    ['in chunks', new Blob(['hello']).stream()],
  ])('that has drained the body is found out, however it came: %s', async (_name, body) => {
    const url = await inFront(async (req) => void (await drained(req)))
    const response = await fetch(url, { method: 'POST', body, duplex: 'half' } as RequestInit)
    expect([response.status, await response.json()]).toEqual([500, ['body-already-read']])
  })

  it('that has kept the bytes is believed, as cloud functions are', async () => {
    const url = await inFront(async (req) => void Object.assign(req, { rawBody: await drained(req) }))
    expect(await (await fetch(url, { method: 'POST', body: 'hello' })).json()).toEqual(['hello', 'hello'])
  })

  it('that only waited loses nothing', async () => {
    const url = await inFront(() => new Promise((resolve) => setImmediate(resolve)))
    expect(await (await fetch(url, { method: 'POST', body: 'hello' })).json()).toEqual(['hello', 'hello'])
  })
})

describe('a request that the app has made of the one on the wire', () => {
  it.each([
    ['POST', 'OPTIONS', 'POST'],
    ['OPTIONS', undefined, 'OPTIONS'],
    ['POST', 'PUT', 'PUT'],
  ])('is a preflight only if that one is: %s as %s', async (method, override, seen) => {
    const methodOf: Guard<string> = (request) => ({ kind: 'pass', grant: request.method })
    const overriding = new Hono()
    overriding.use(methodOverride({ app: overriding, header: 'x-http-method-override' }))
    overriding.all('/', mount('method', methodOf), (c) => c.text(c.var.method))
    const server = serve({ fetch: overriding.fetch, port: 0, hostname: '127.0.0.1' })
    const url = `http://127.0.0.1:${await portOf(server as Server)}/`
    const headers = override === undefined ? {} : { 'x-http-method-override': override }
    expect(await (await fetch(url, { method, headers })).text()).toBe(seen)
  })
})

describe('over HTTP/2', () => {
  it.each([['hello'], ['']])('guard and handler read the same: %j', async (body) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', createServer: createHttp2Server })
    const session = connect(`http://127.0.0.1:${await portOf(server as unknown as Server)}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':method': 'POST', ':path': '/' }).setEncoding('utf8')
    stream.end(body)
    let received = ''
    for await (const piece of stream) received += piece
    expect(JSON.parse(received)).toEqual([body, body])
  })
})
