import { PassThrough, Readable } from 'node:stream'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { Guard } from '@latchkey/core'
import { mount } from '@latchkey/koa'
import parse from 'co-body'
import Koa3, { type Context } from 'koa'
import Koa2 from 'koa2'
import { describe, expect, test } from 'vitest'
import { gate, Recording, raw, serve } from './recording.js'

describe.each([
  ['Koa 3', Koa3],
  ['Koa 2', Koa2],
])('%s', (_name, Koa) => {
  const quiet = (options = {}) => Object.assign(new Koa(options), { silent: true })

  test('hands the grant to the handler, in ctx.state and typed', async () => {
    const clock = mount('clock', () => ({ kind: 'pass', grant: { at: 7 } }))
    const app = quiet().use(clock)
    app.use((ctx) => {
      ctx.body = [clock.name, clock.grant(ctx).at, ctx.state.clock]
    })
    const { url } = await serve(app.callback())
    expect(await (await fetch(url)).json()).toEqual(['clock', 7, { at: 7 }])
  })

  test('says so where a grant is asked for on a route without the guard', async () => {
    const clock = mount('clock', () => ({ kind: 'pass', grant: 1 }))
    const failed = gate<unknown>()
    const { url } = await serve(
      quiet()
        .use((ctx) => void clock.grant(ctx))
        .on('error', failed.open)
        .callback(),
    )
    expect((await fetch(url)).status).toBe(500)
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
  ])('gives a guard that %s to the error handling, once', async (_how, guard) => {
    let times = 0
    const app = quiet()
      .use(mount('broken', guard))
      .on('error', () => {
        times += 1
      })
    expect((await fetch((await serve(app.callback())).url)).status).toBe(500)
    expect(times).toBe(1)
  })

  describe('the request', () => {
    async function seen(path: string, proxy: boolean, ...fields: string[]): Promise<unknown> {
      const router = new Router({ prefix: '/a' })
      router.use(
        mount('seen', ({ method, url, remoteAddress }) => {
          const body = Buffer.from(JSON.stringify({ method, url, remoteAddress }))
          return { kind: 'reply', reply: { status: 200, headers: [], body } }
        }),
      )
      router.post('/*rest', () => {})
      const { port } = await serve(quiet({ proxy }).use(router.routes()).callback())
      const lines = [`POST ${path} HTTP/1.1`, 'Host: api.test:8080', 'Connection: close', ...fields, '', '']
      const answer = await raw(port, lines.join('\r\n')).answer
      return JSON.parse(answer.slice(answer.indexOf('{')))
    }

    test('has its whole path inside a router', async () => {
      const url = 'http://api.test:8080/a/b?c=d'
      expect(await seen('/a/b?c=d', false)).toEqual({ method: 'POST', url, remoteAddress: '127.0.0.1' })
    })

    test('is as the proxy says where the proxy is trusted, and only there', async () => {
      const fields = ['X-Forwarded-Host: outer.test:8443', 'X-Forwarded-Proto: https', 'X-Forwarded-For: 10.9.8.7']
      expect(await seen('/a/b', true, ...fields)).toMatchObject({
        url: 'https://outer.test:8443/a/b',
        remoteAddress: '10.9.8.7',
      })
      expect(await seen('/a/b', false, ...fields)).toMatchObject({
        url: 'http://api.test:8080/a/b',
        remoteAddress: '127.0.0.1',
      })
    })
  })

  describe('a parser after the guard', () => {
    const readers: Record<string, (ctx: Context) => Promise<unknown>> = {
      '@koa/bodyparser': async (ctx) => {
        await bodyParser()(ctx, async () => {})
        return ctx.request.body
      },
      'co-body': (ctx) => parse.json(ctx.req),
      'the raw stream': async (ctx) => JSON.parse(Buffer.concat(await ctx.req.toArray()).toString() || '{}'),
      'a pipe': async (ctx) =>
        JSON.parse(Buffer.concat(await ctx.req.pipe(new PassThrough()).toArray()).toString() || '{}'),
    }

    test.each(Object.keys(readers))('%s: reads what was sent, and nothing where nothing was', async (name) => {
      const app = quiet().use(mount('kept', new Recording().capturing()))
      app.use(async (ctx) => {
        ctx.body = (await readers[name]!(ctx)) ?? {}
      })
      const { url } = await serve(app.callback())
      const headers = { 'content-type': 'application/json' }
      const sent = await fetch(url, { method: 'POST', body: '{"a":1}', headers })
      expect(await sent.json()).toEqual({ a: 1 })
      expect(await (await fetch(url, { method: 'POST', headers })).json()).toEqual({})
      const chunked = { method: 'POST', body: Readable.toWeb(Readable.from([])), headers, duplex: 'half' }
      expect(await (await fetch(url, chunked as unknown as RequestInit)).json()).toEqual({})
    })
  })

  test('a parser before the guard is a misconfiguration', async () => {
    const failed = gate<unknown>()
    const app = quiet().use(bodyParser()).use(mount('kept', new Recording().capturing())).on('error', failed.open)
    const { url } = await serve(app.callback())
    await fetch(url, { method: 'POST', body: '{"a":1}', headers: { 'content-type': 'application/json' } })
    expect(await failed.passed).toMatchObject({ code: 'body-already-read' })
  })

  test('outer middleware sees what a guard refuses with, and adds to it', async () => {
    const reply = { status: 409, headers: [['vary', 'X-Key'] as const], body: Buffer.from('no') }
    const app = quiet().use(async (ctx, next) => {
      ctx.set('Vary', 'Origin')
      await next()
      ctx.set('X-Outer', `${ctx.status} ${ctx.body}`)
    })
    app.use(mount('refusing', () => ({ kind: 'reply', reply })))
    const response = await fetch((await serve(app.callback())).url, { method: 'POST', body: 'unread' })
    expect([response.status, await response.text()]).toEqual([409, 'no'])
    expect(response.headers.get('x-outer')).toBe('409 no')
    expect(response.headers.get('vary')).toBe('Origin, X-Key')
    expect(response.headers.has('content-type')).toBe(false)
  })

  test('a refusal may have no body', async () => {
    const app = quiet().use(
      mount('refusing', () => ({ kind: 'reply', reply: { status: 204, headers: [], body: Buffer.alloc(0) } })),
    )
    expect((await fetch((await serve(app.callback())).url)).status).toBe(204)
  })

  test('header fields of a pass are on the errors that Koa renders', async () => {
    const guard = mount('varying', () => ({ kind: 'pass', grant: null, headers: [['vary', 'X-Key']] }))
    const { url } = await serve(
      quiet()
        .use(guard)
        .use((ctx) => ctx.throw(418))
        .callback(),
    )
    expect((await fetch(url)).headers.get('vary')).toBe('X-Key')
  })
})
