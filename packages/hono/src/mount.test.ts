import { type Guard, problem } from '@latchkey/core'
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { dial, hosts, listening } from './hosts.test.kit.js'
import { mount } from './index.js'

const named: Guard<{ name: string }> = ({ headers }) => ({
  kind: 'pass',
  grant: { name: headers.get('x-name') ?? 'nobody' },
  caller: headers.get('x-name'),
})
const refusal = problem({ status: 403, code: 'no', title: 'No', headers: [['vary', 'x-name']] })
const refusing: Guard<never> = () => ({ kind: 'reply', reply: refusal })

describe.each(hosts)('on %s, a mounted guard', (_host, on) => {
  it('hands its grant to the handler, typed, and to whoever holds the middleware', async () => {
    const auth = mount('who', named)
    expectTypeOf(auth.grant).returns.toEqualTypeOf<{ name: string }>()
    expectTypeOf(auth.guard).toEqualTypeOf<Guard<{ name: string }>>()
    const app = new Hono().get('/', auth, (c) => {
      expectTypeOf(c.var.who).toEqualTypeOf<{ name: string }>()
      return c.json([c.var.who, auth.grant(c), c.get('who') === auth.grant(c)])
    })
    const response = await (await on(app))('/', { headers: { 'x-name': 'alice' } })
    expect(await response.json()).toEqual([{ name: 'alice' }, { name: 'alice' }, true])
    expect(auth.guard).toBe(named)
  })

  it('says so where it did not run on a request', async () => {
    const auth = mount('who', named)
    let failure: unknown
    const app = new Hono()
      .get('/open', (c: Context) => c.json(auth.grant(c)))
      .onError((error, c) => {
        failure = error
        return c.text('no', 500)
      })
    expect((await (await on(app))('/open')).status).toBe(500)
    expect(failure).toMatchObject({ code: 'grant-missing', message: expect.stringContaining("'who'") })
  })

  it('hands the grants and the caller of guards before it to those after it, routers apart', async () => {
    const looks: Guard<unknown> = (_request, prior) => ({ kind: 'pass', grant: [prior.caller, prior.get('who')] })
    const inner = new Hono().post('/pay', mount('seen', looks), (c) => c.json(c.var.seen))
    const app = new Hono().use('/a/*', mount('who', named)).route('/a', inner)
    const response = await (await on(app))('/a/pay', { method: 'POST', headers: { 'x-name': 'bob' } })
    expect(await response.json()).toEqual(['bob', { name: 'bob' }])
  })

  it('refuses with its reply, byte for byte, and the handler does not run', async () => {
    const app = new Hono().post('/', mount('no', refusing), () => expect.fail('the handler ran'))
    const response = await (await on(app))('/', { method: 'POST', body: 'x' })
    expect(response.status).toBe(403)
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(refusal.body)
    const names = [...response.headers.keys()].filter((name) => !/^(connection|date|keep-alive)$/.test(name))
    expect(names).toEqual(['cache-control', 'content-length', 'content-type', 'vary'])
  })

  it('keeps what outer middleware prepared for any reply, and lets nothing overrule its own fields', async () => {
    const app = new Hono()
      .use(cors({ origin: 'http://a.test', credentials: true }))
      .use(async (c, next) => {
        c.header('cache-control', 'public')
        c.header('vary', 'accept')
        c.header('content-type', 'text/html')
        c.header('set-cookie', 'a=1', { append: true })
        c.header('set-cookie', 'b=2', { append: true })
        await next()
      })
      .get('/', mount('no', refusing))
    const { headers } = await (await on(app))('/', { headers: { origin: 'http://a.test' } })
    expect(Object.fromEntries(headers)).toMatchObject({
      'access-control-allow-origin': 'http://a.test',
      'access-control-allow-credentials': 'true',
      'cache-control': 'no-store',
      'content-type': 'application/problem+json',
    })
    expect(headers.get('vary')?.split(', ').sort()).toEqual(['Origin', 'accept', 'x-name'])
    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('is asked about the URL and the method of the wire, whatever router it stands in', async () => {
    const looks: Guard<unknown> = ({ method, url }) => ({
      kind: 'pass',
      grant: [method, new URL(url).pathname, new URL(url).search],
    })
    const inner = new Hono().patch('/pay', mount('seen', looks), (c) => c.json(c.var.seen))
    const response = await (await on(new Hono().route('/a', inner)))('/a/pay?b=%41', { method: 'PATCH' })
    expect(await response.json()).toEqual(['PATCH', '/a/pay', '?b=%41'])
  })

  it('that throws is Hono’s to report', async () => {
    const guard: Guard<never> = () => {
      throw new TypeError('broken guard')
    }
    let failure: unknown
    const app = new Hono().get('/', mount('broken', guard)).onError((error, c) => {
      failure = error
      return c.text('no', 500)
    })
    expect((await (await on(app))('/')).status).toBe(500)
    expect(failure).toMatchObject({ message: 'broken guard' })
  })
})

describe('the address of the client', () => {
  const address: Guard<string | undefined> = ({ remoteAddress }) => ({ kind: 'pass', grant: remoteAddress })

  it('is the socket’s on Node’s server', async () => {
    const app = new Hono().get('/', mount('from', address), (c) => c.text(String(c.var.from)))
    expect(await (await fetch(`http://127.0.0.1:${await listening(app)}/`)).text()).toBe('127.0.0.1')
  })

  it('is what the app says elsewhere, and unknown where it says nothing', async () => {
    const said = mount('from', address, { remoteAddress: (c) => c.req.header('x-real-ip') })
    const app = new Hono()
      .get('/said', mount('before', address), said, (c) => c.text(String(c.var.from)))
      .get('/', mount('from', address), (c) => c.text(String(c.var.from)))
    expect(await (await app.request('/said', { headers: { 'x-real-ip': '192.0.2.7' } })).text()).toBe('192.0.2.7')
    expect(await (await app.request('/')).text()).toBe('undefined')
  })
})

describe('a header field on several lines', () => {
  const counts: Guard<unknown> = ({ headers }) => ({
    kind: 'pass',
    grant: ['authorization', 'x-key', 'idempotency-key', 'host', 'x-none'].map((name) => [
      headers.count(name),
      headers.get(name),
    ]),
  })
  const lines =
    'Authorization: Bearer a\r\nX-Key: 1\r\nauthorization: Bearer b\r\nx-key:  1 \r\nIdempotency-Key: a, b\r\n'

  it('is counted line by line on Node’s server', async () => {
    const app = new Hono().get('/', mount('counts', counts), (c) => c.json(c.var.counts as never))
    const socket = await dial(await listening(app))
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`)
    const body = (await socket.answered(/\]\]$/)).split('\r\n\r\n')[1]!
    expect(JSON.parse(body)).toEqual([
      [2, 'Bearer a, Bearer b'],
      [2, '1, 1'],
      [1, 'a, b'],
      [1, 'a'],
      [0, null],
    ])
  })

  it('is not taken from another request whose env the app hands on', async () => {
    const inner = new Hono().get('/', mount('counts', counts), (c) => c.json(c.var.counts as never))
    const app = new Hono().get('/', (c) => inner.request('/', { headers: { 'x-key': '7' } }, c.env))
    const socket = await dial(await listening(app))
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`)
    const body = (await socket.answered(/\]\]$/)).split('\r\n\r\n')[1]!
    expect(JSON.parse(body)).toEqual([
      [0, null],
      [1, '7'],
      [0, null],
      [0, null],
      [0, null],
    ])
  })
})
