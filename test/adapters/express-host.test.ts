import { gzipSync } from 'node:zlib'
import type { Guard } from '@latchkey/core'
import { mount } from '@latchkey/express'
import express5, { type ErrorRequestHandler, type RequestHandler } from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { gate, Recording, raw, serve } from './recording.js'

const post = (port: number, path: string, ...fields: string[]) =>
  raw(
    port,
    `POST ${path} HTTP/1.1\r\nHost: api.test:8080\r\nConnection: close\r\n${fields.map((each) => `${each}\r\n`).join('')}\r\n`,
  )

describe.each([
  ['Express 5', express5],
  ['Express 4', express4],
])('%s', (_name, express) => {
  const app = () => express().disable('x-powered-by').set('env', 'test')

  test('hands the grant to the handler, in res.locals and typed', async () => {
    const clock = mount('clock', () => ({ kind: 'pass', grant: { at: 7 } }))
    const { url } = await serve(
      app().get('/', clock, (req, res) => void res.json([clock.name, clock.grant(req).at, res.locals.clock])),
    )
    expect(await (await fetch(url)).json()).toEqual(['clock', 7, { at: 7 }])
  })

  test('says so where a grant is asked for on a route without the guard', async () => {
    const clock = mount('clock', () => ({ kind: 'pass', grant: 1 }))
    const failed = gate<unknown>()
    const { url } = await serve(
      app()
        .get('/', (req) => void clock.grant(req))
        .use(catching(failed.open)),
    )
    await fetch(url)
    expect(await failed.passed).toMatchObject({ name: 'ConfigurationError', code: 'grant-missing' })
  })

  test.each<[string, Guard<unknown>]>([
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('gives a guard that %s to the error handler, once', async (_how, guard) => {
    let times = 0
    const { url } = await serve(
      app()
        .use(mount('broken', guard))
        .use(
          catching(() => {
            times += 1
          }),
        ),
    )
    expect((await fetch(url)).status).toBe(500)
    expect(times).toBe(1)
  })

  describe('the request', () => {
    async function seen(path: string, trust: unknown, ...fields: string[]): Promise<unknown> {
      const router = express.Router()
      router.use(
        mount('seen', ({ method, url, remoteAddress }) => {
          const body = Buffer.from(JSON.stringify({ method, url, remoteAddress }))
          return { kind: 'reply', reply: { status: 200, headers: [], body } }
        }),
      )
      const { port } = await serve(app().set('trust proxy', trust).use(overriding).use('/a', router))
      const answer = await post(port, path, ...fields).answer
      return JSON.parse(answer.slice(answer.indexOf('{')))
    }

    const forwarded = ['X-Forwarded-Host: outer.test:8443', 'X-Forwarded-Proto: https', 'X-Forwarded-For: 10.9.8.7']

    test('has its whole path inside a router, and the method on the wire', async () => {
      const url = 'http://api.test:8080/a//b?c=d'
      expect(await seen('/a//b?c=d', false)).toEqual({ method: 'POST', url, remoteAddress: '127.0.0.1' })
    })

    test('is as the proxy says where the proxy is trusted, and only there', async () => {
      const trusted = { url: 'https://outer.test:8443/a', remoteAddress: '10.9.8.7' }
      expect(await seen('/a', true, ...forwarded)).toMatchObject(trusted)
      expect(await seen('/a', 'loopback', ...forwarded)).toMatchObject(trusted)
      const untrusted = { url: 'http://api.test:8080/a', remoteAddress: '127.0.0.1' }
      expect(await seen('/a', false, ...forwarded)).toMatchObject(untrusted)
      expect(await seen('/a', '10.0.0.1', ...forwarded)).toMatchObject(untrusted)
    })

    test('stands for itself in absolute form', async () => {
      expect(await seen('http://api.test/a/b', false)).toMatchObject({ url: 'http://api.test/a/b' })
    })
  })

  describe('a parser after the guard', () => {
    const parsers: Record<string, [type: string, parser: RequestHandler, body: string, parsed: unknown]> = {
      json: ['application/json', express.json(), '{"a":1}', { a: 1 }],
      text: ['text/plain', express.text(), 'h\u00e9', 'h\u00e9'],
      urlencoded: [
        'application/x-www-form-urlencoded',
        express.urlencoded({ extended: true }),
        'a[b]=1',
        { a: { b: '1' } },
      ],
      raw: ['application/octet-stream', express.raw(), 'bytes', { type: 'Buffer', data: [...Buffer.from('bytes')] }],
    }

    test.each(Object.keys(parsers))('%s: parses what was sent', async (name) => {
      const [type, parser, body, parsed] = parsers[name]!
      const recording = new Recording()
      const { url } = await serve(
        app().post('/', mount('kept', recording.capturing()), parser, (req, res) => void res.json(req.body)),
      )
      const headers = { 'content-type': type }
      expect(await (await fetch(url, { method: 'POST', body, headers })).json()).toEqual(parsed)
      const packed = { method: 'POST', body: gzipSync(body), headers: { ...headers, 'content-encoding': 'gzip' } }
      expect(await (await fetch(url, packed)).json()).toEqual(parsed)
      expect((await fetch(url, { method: 'POST', headers })).status).toBe(200)
      expect(recording.told).toHaveLength(3)
    })
  })

  describe('a parser before the guard', () => {
    const body = '{"a":1}'
    const sent = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
    const guard = () => mount('kept', new Recording().capturing())

    test('is a misconfiguration, and the error names the fix', async () => {
      const failed = gate<unknown>()
      const { url } = await serve(app().use(express.json(), guard()).use(catching(failed.open)))
      await fetch(url, sent)
      const message = expect.stringMatching(/mount the guard before/)
      expect(await failed.passed).toMatchObject({ code: 'body-already-read', message })
    })

    test('is none where it has kept the bytes', async () => {
      const parser = express.json({ verify: (req, _res, rawBody) => void Object.assign(req, { rawBody }) })
      const { url } = await serve(app().post('/', parser, guard(), (req, res) => void res.json(req.body)))
      expect(await (await fetch(url, sent)).text()).toBe(body)
    })
  })
})

function catching(caught: (error: unknown) => void): ErrorRequestHandler {
  return (error, _req, res, _next) => {
    caught(error)
    res.status(500).end()
  }
}

/** What `method-override` does. */
const overriding: RequestHandler = (req, _res, next) => {
  Object.assign(req, { originalMethod: req.method, method: 'DELETE' })
  next()
}
