import type { Guard } from '@latchkey/core'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { describe, expect, it } from 'vitest'
import { hosts, listening } from './hosts.test.kit.js'
import { mount } from './index.js'

const limits = { maxBytes: 100_000, timeoutSeconds: 5 }
const reading: Guard<Uint8Array> = async (request) => ({ kind: 'pass', grant: await request.body(limits) })

const binary = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7)
const json = new TextEncoder().encode('{"a":[1.0,"\\u0041"], "b":{}}')
const withMark = new Uint8Array([0xef, 0xbb, 0xbf, ...json])
const hex = (bytes: ArrayBuffer | Uint8Array) => Buffer.from(bytes as Uint8Array).toString('hex')

const readers: readonly (readonly [string, (c: Context) => Promise<unknown>, (bytes: Uint8Array) => unknown])[] = [
  ['c.req.arrayBuffer()', async (c) => hex(await c.req.arrayBuffer()), hex],
  ['c.req.blob()', async (c) => hex(await (await c.req.blob()).arrayBuffer()), hex],
  ['c.req.text()', (c) => c.req.text(), (bytes) => new TextDecoder().decode(bytes)],
  ['c.req.raw.body', async (c) => hex(await new Response(c.req.raw.body).arrayBuffer()), hex],
  ['c.req.raw.clone()', async (c) => hex(await c.req.raw.clone().arrayBuffer()), hex],
  ['new Request(c.req.raw)', async (c) => hex(await new Request(c.req.raw).arrayBuffer()), hex],
]

describe.each(hosts)('on %s', (_host, on) => {
  it.each(readers)('a handler reads the very bytes that the guard read: %s', async (_name, read, expected) => {
    const guarded = mount('seen', reading)
    const app = new Hono().post('/', guarded, async (c) => c.json({ guard: hex(c.var.seen), read: await read(c) }))
    const send = await on(app)
    for (const bytes of [binary, withMark, json]) {
      const seen = await (await send('/', { method: 'POST', body: bytes })).json()
      expect(seen).toEqual({ guard: hex(bytes), read: expected(bytes) })
    }
  })

  it('a handler reads JSON and forms as it would without the guard', async () => {
    const app = new Hono()
      .post('/json', mount('seen', reading), async (c) => c.json(await c.req.json()))
      .post('/form', mount('seen', reading), async (c) => {
        const { file, name } = await c.req.parseBody()
        return c.json({ name, file: hex(await (file as File).arrayBuffer()) })
      })
    const send = await on(app)
    expect(await (await send('/json', { method: 'POST', body: json })).json()).toEqual({ a: [1, 'A'], b: {} })
    const form = new FormData()
    form.set('file', new File([binary], 'b.bin'))
    form.set('name', 'Zoë')
    expect(await (await send('/form', { method: 'POST', body: form })).json()).toEqual({
      name: 'Zoë',
      file: hex(binary),
    })
  })

  it('a second guard and the handler after it share the bytes of the first', async () => {
    const app = new Hono().post('/', mount('one', reading), mount('two', reading), async (c) =>
      c.json([c.var.one === c.var.two, hex(await c.req.arrayBuffer())]),
    )
    const response = await (await on(app))('/', { method: 'POST', body: binary })
    expect(await response.json()).toEqual([true, hex(binary)])
  })

  it.each(['POST', 'GET'])('a body that is not there is not touched, and parsers go on: %s', async (method) => {
    const app = new Hono().all('/', mount('seen', reading), async (c) =>
      c.json([c.var.seen.length, await c.req.text()]),
    )
    expect(await (await (await on(app))('/', { method })).json()).toEqual([0, ''])
  })

  it('a body that Hono has cached as bytes is exact; one that it has decoded is not, and the error names the fix', async () => {
    const app = new Hono<{ Variables: { seen: Uint8Array } }>()
    let failure: unknown
    app.onError((error, c) => {
      failure = error
      return c.text('no', 500)
    })
    for (const how of ['arrayBuffer', 'blob', 'parseBody', 'text', 'json', 'formData'] as const) {
      app.use(`/${how}`, async (c, next) => {
        await (c.req as unknown as Record<string, () => Promise<unknown>>)[how]!().catch(() => {})
        await next()
      })
    }
    app.post('/*', mount('seen', reading), (c) => c.text(hex(c.var.seen)))
    const send = await on(app)
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const how of ['arrayBuffer', 'blob', 'parseBody']) {
      const response = await send(`/${how}`, { method: 'POST', body: 'a=%ff', headers })
      expect([how, await response.text()]).toEqual([how, hex(new TextEncoder().encode('a=%ff'))])
    }
    for (const how of ['text', 'json', 'formData']) {
      failure = undefined
      expect((await send(`/${how}`, { method: 'POST', body: 'a=%ff', headers })).status).toBe(500)
      expect(failure).toMatchObject({
        code: 'body-already-read',
        message: expect.stringMatching(/mount the guard before/),
      })
    }
  })

  it('a limit of Hono’s own may stand in front', async () => {
    const app = new Hono().post('/', bodyLimit({ maxSize: 80_000 }), mount('seen', reading), async (c) =>
      c.json([hex(c.var.seen), hex(await c.req.arrayBuffer())]),
    )
    const send = await on(app)
    const chunked = new Blob([binary]).stream()
    for (const body of [binary, chunked]) {
      const response = await send('/', { method: 'POST', body, duplex: 'half' } as RequestInit)
      expect(await response.json()).toEqual([hex(binary), hex(binary)])
    }
  })
})

describe('on Node’s server', () => {
  it('a request that the app makes itself is read on its own, whatever env it is given', async () => {
    const inner = new Hono().post('/', mount('seen', reading), async (c) =>
      c.json([hex(c.var.seen), await c.req.text()]),
    )
    const app = new Hono().post('/batch', (c) => inner.request('/', { method: 'POST', body: 'inner' }, c.env))
    const port = await listening(app)
    const response = await fetch(`http://127.0.0.1:${port}/batch`, { method: 'POST' })
    expect(await response.json()).toEqual([hex(new TextEncoder().encode('inner')), 'inner'])
  })
})
