import { once } from 'node:events'
import { type ClientHttp2Session, connect, createServer, type IncomingHttpHeaders } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { mount } from '@latchkey/koa'
import Koa from 'koa'
import { expect, onTestFinished, test } from 'vitest'
import type { Handler } from './koa-behind.js'
import { Recording } from './recording.js'

async function session(app: Koa): Promise<ClientHttp2Session> {
  const server = createServer(app.callback()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    client.destroy()
    server.close()
  })
  return client
}

async function post(client: ClientHttp2Session, body: string): Promise<[status: unknown, body: string]> {
  const stream = client.request({ ':method': 'POST', ':path': '/' })
  stream.end(body)
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  return [head[':status'], Buffer.concat(await stream.toArray()).toString()]
}

test.each<[string, Handler, [number, string]]>([
  [
    'the body of the request',
    async (ctx) => void Object.assign(ctx, { body: Buffer.concat(await ctx.req.toArray()) }),
    [200, 'sent'],
  ],
  ['a stream', (ctx) => void Object.assign(ctx, { body: Readable.from(['one ', 'two']) }), [200, 'one two']],
  [
    'the raw response',
    (ctx) => void Object.assign(ctx, { respond: false }).res.writeHead(201).end('raw'),
    [201, 'raw'],
  ],
  ['an error', (ctx) => ctx.throw(422, 'wrong'), [422, 'wrong']],
])('over HTTP/2 the reply of %s is settled as it went out', async (_how, handler, answer) => {
  for (const settle of [undefined, () => turn(undefined)]) {
    const recording = new Recording()
    const app = Object.assign(new Koa(), { silent: true })
    app.use(mount('kept', recording.capturing(settle && { settle }))).use(handler)
    expect(await post(await session(app), 'sent')).toEqual(answer)
    expect(recording.texts).toEqual([answer[1]])
  }
})

test('over HTTP/2 a guard refuses without waiting for the body', async () => {
  const reply = { status: 401, headers: [], body: Buffer.from('no') }
  const client = await session(new Koa().use(mount('refusing', () => ({ kind: 'reply', reply }))))
  const stream = client.request({ ':method': 'POST', ':path': '/' })
  stream.write('half')
  const [head] = (await once(stream, 'response')) as [IncomingHttpHeaders]
  expect(head[':status']).toBe(401)
})
