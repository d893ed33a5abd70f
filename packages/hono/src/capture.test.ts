import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Guard, Reply } from '@latchkey/core'
import { type Context, Hono } from 'hono'
import { compress } from 'hono/compress'
import { cors } from 'hono/cors'
import { HTTPException } from 'hono/http-exception'
import { stream, streamSSE, streamText } from 'hono/streaming'
import { describe, expect, it } from 'vitest'
import { captures, dial, hosts, listening } from './hosts.test.kit.js'
import { mount } from './index.js'

const instead: Reply = {
  status: 409,
  headers: [['content-type', 'text/plain']],
  body: new TextEncoder().encode('stale'),
}

const replies: readonly (readonly [string, (c: Context) => Response | Promise<Response>, number, string])[] = [
  ['c.json', (c) => c.json({ a: 1 }, 201), 201, '{"a":1}'],
  ['c.text', (c) => c.text('x', 202), 202, 'x'],
  ['c.body of bytes', (c) => c.body(new Uint8Array([65, 66])), 200, 'AB'],
  ['c.body(null)', (c) => c.body(null, 204), 204, ''],
  ['c.redirect', (c) => c.redirect('/there', 303), 303, ''],
  ['a raw Response', () => new Response('raw', { status: 203 }), 203, 'raw'],
  ['a raw Response of a stream', () => new Response(new Blob(['a', 'b']).stream()), 200, 'ab'],
  ['a response that fetch gave', async () => fetch('data:text/plain,fetched'), 200, 'fetched'],
  ['stream()', (c) => stream(c, async (out) => void (await (await out.write('s1')).write('s2'))), 200, 's1s2'],
  ['streamText()', (c) => streamText(c, async (out) => void (await out.writeln('t'))), 200, 't\n'],
  ['c.notFound()', (c) => c.notFound() as Response, 404, '404 Not Found'],
  ['an HTTPException', () => Promise.reject(new HTTPException(418, { message: 'pot' })), 418, 'pot'],
  ['an Error', () => Promise.reject(new Error('secret')), 500, 'Internal Server Error'],
]

/** What a handler has said in the head; how the message is framed is the host's own matter. */
const fields = ({ headers }: Response) =>
  [...headers].filter(([name]) => !/^(content-length|transfer-encoding|connection|keep-alive|date)$/.test(name))

describe.each(hosts)('on %s, a reply', (_host, on) => {
  it.each(replies)('is captured whole and reaches the client as it was: %s', async (_name, handler, status, body) => {
    const { guard, told } = captures()
    const onError = (error: Error, c: Context) =>
      error instanceof HTTPException ? error.getResponse() : c.text('Internal Server Error', 500)
    const plain = await on(new Hono().post('/', handler).onError(onError))
    const guarded = await on(new Hono().post('/', mount('g', guard), handler).onError(onError))
    const [before, after] = [await plain('/', { method: 'POST' }), await guarded('/', { method: 'POST' })]
    expect(told).toEqual([`settle ${status} ${body}`, `settled ${status}`])
    expect([after.status, await after.text()]).toEqual([status, body])
    expect(fields(after)).toEqual(fields(before))
  })

  it('is plain where it is compressed outside', async () => {
    const { guard, told } = captures()
    const text = 'plain '.repeat(300)
    const app = new Hono().use(compress()).post('/', mount('g', guard), (c) => c.text(text))
    const response = await (await on(app))('/', { method: 'POST', headers: { 'accept-encoding': 'gzip' } })
    expect(told[0]).toBe(`settle 200 ${text}`)
    expect([response.headers.get('content-encoding'), response.headers.get('vary')]).toEqual([
      'gzip',
      'Accept-Encoding',
    ])
  })

  it('is the guard’s own where it gives one, with the fields that outer middleware prepared for any', async () => {
    const { guard } = captures({ settle: () => instead })
    const app = new Hono()
      .use(cors({ origin: 'http://a.test' }))
      .post('/', mount('g', guard), (c) => c.json({ mine: true }, 201, { 'x-mine': '1' }))
    const response = await (await on(app))('/', { method: 'POST', headers: { origin: 'http://a.test' } })
    expect([response.status, await response.text(), response.headers.get('x-mine')]).toEqual([409, 'stale', null])
    expect(response.headers.get('access-control-allow-origin')).toBe('http://a.test')
    expect(response.headers.get('content-type')).toBe('text/plain')
  })

  it('is live where the guard declines its head', async () => {
    const { guard, told } = captures({ holds: ({ headers }) => !headers.some(([, v]) => v === 'text/event-stream') })
    const app = new Hono().post('/', mount('g', guard), (c) =>
      streamSSE(c, async (out) => {
        for (const data of ['1', '2']) await out.writeSSE({ data })
      }),
    )
    const response = await (await on(app))('/', { method: 'POST' })
    expect(told).toEqual(['abandon live', 'settled 200'])
    expect(await response.text()).toBe('data: 1\n\ndata: 2\n\n')
  })

  it('streams on where it is too large to hold', async () => {
    const { guard, told } = captures()
    const chunk = 'y'.repeat(1000)
    const app = new Hono().post('/', mount('g', guard), (c) =>
      stream(c, async (out) => {
        for (let i = 0; i < 50; i++) await out.write(chunk)
      }),
    )
    const response = await (await on(app))('/', { method: 'POST' })
    expect(told).toEqual(['abandon too-large', 'settled 200'])
    expect((await response.text()).length).toBe(50_000)
  })

  it('never is half a body: a stream that fails is abandoned', async () => {
    const { guard, told } = captures()
    let pulls = 0
    const pull = (controller: ReadableStreamDefaultController) =>
      pulls++ === 0 ? controller.enqueue(new Uint8Array(3)) : controller.error(new Error('torn'))
    const app = new Hono().post('/', mount('g', guard), () => new Response(new ReadableStream({ pull })))
    const send = await on(app)
    // Node's server has read ahead by then and answers 500; a plain host hands the broken stream on.
    const seen = await send('/', { method: 'POST' })
      .then(async (response) => response.text())
      .catch(String)
    expect(seen).toMatch(/broke off/)
    expect(seen).not.toMatch(/torn/)
    expect(told).toEqual(['abandon closed', 'settled abandoned'])
  })

  it('gains a guard’s own fields, also a raw Response and one whose headers are immutable', async () => {
    const guard: Guard<null> = () => ({
      kind: 'pass',
      grant: null,
      headers: [['vary', 'authorization']],
      strip: ['x-mark'],
    })
    const app = new Hono()
      .use(mount('g', guard))
      .get('/json', (c) => c.json({}, 200, { Vary: 'accept', 'x-mark': 'forged' }))
      .get('/raw', () => new Response('x', { headers: { 'x-mark': 'forged' } }))
      .get('/fetched', () => fetch('data:text/plain,fetched'))
      .get('/error', () => Promise.reject(new HTTPException(400)))
    const send = await on(app)
    const seen = []
    for (const path of ['/json', '/raw', '/fetched', '/error', '/nowhere']) {
      const { headers, status } = await send(path)
      seen.push([path, status, headers.get('vary'), headers.get('x-mark')])
    }
    expect(seen).toEqual([
      ['/json', 200, 'accept, authorization', null],
      ['/raw', 200, 'authorization', null],
      ['/fetched', 200, 'authorization', null],
      ['/error', 400, 'authorization', null],
      ['/nowhere', 404, 'authorization', null],
    ])
  })
})

describe('a handler that ends without a reply', () => {
  it('is told as such where it throws past Hono, and the throw goes on', async () => {
    const { guard, told } = captures()
    const app = new Hono().post('/', mount('g', guard), () => Promise.reject('not an error'))
    await expect(app.request('/', { method: 'POST' })).rejects.toBe('not an error')
    expect(told).toEqual(['abandon none', 'settled abandoned'])
  })

  it('is told as such where it returns nothing, and Hono reports it', async () => {
    const { guard, told } = captures()
    let reported: unknown
    const app = new Hono().post('/', mount('g', guard), (() => undefined) as never)
    app.onError((error, c) => {
      reported = error.message
      return c.text('no', 500)
    })
    expect((await app.request('/', { method: 'POST' })).status).toBe(500)
    expect([reported, ...told]).toEqual([expect.stringMatching(/not finalized/), 'abandon none', 'settled abandoned'])
  })

  it('may be answered by the guard', async () => {
    const { guard } = captures({ abandon: () => instead })
    const app = new Hono().post('/', mount('g', guard), () => Promise.reject('not an error'))
    expect((await app.request('/', { method: 'POST' })).status).toBe(409)
  })
})

describe('on Node’s server', () => {
  it('a reply that the handler wrote to the socket itself is unseen, and its status is told', async () => {
    const { guard, told } = captures()
    const app = new Hono<{ Bindings: { outgoing: import('node:http').ServerResponse } }>()
    app.post('/', mount('g', guard), (c) => {
      c.env.outgoing.writeHead(202).end('direct')
      return RESPONSE_ALREADY_SENT
    })
    const response = await fetch(`http://127.0.0.1:${await listening(app)}/`, { method: 'POST' })
    expect([response.status, await response.text()]).toEqual([202, 'direct'])
    expect(told).toEqual(['abandon unseen', 'settled 202'])
  })

  it('a client that goes away while the handler works does not stop it: its reply is settled', async () => {
    const { guard, told } = captures()
    let goOn = () => {}
    const gate = new Promise<void>((resolve) => {
      goOn = resolve
    })
    let entered = () => {}
    const inside = new Promise<void>((resolve) => {
      entered = resolve
    })
    let gone = () => {}
    const left = new Promise<void>((resolve) => {
      gone = resolve
    })
    let finished = () => {}
    const done = new Promise<void>((resolve) => {
      finished = resolve
    })
    const app = new Hono().use(async (_c, next) => next().finally(finished))
    app.post('/', mount('g', guard), async (c) => {
      c.req.raw.signal.addEventListener('abort', gone)
      entered()
      await gate
      return stream(c, async (out) => void (await out.write('late')))
    })
    const socket = await dial(await listening(app))
    socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n')
    await inside
    socket.destroy()
    await left
    goOn()
    await done
    expect(told).toEqual(['settle 200 late', 'settled 200'])
  })
})
