import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Middleware } from 'koa'
import compress from 'koa-compress'
import { describe, expect, test } from 'vitest'
import { behind, majors } from './koa-behind.js'
import { gate, raw } from './recording.js'

describe.each(majors)('%s: the reply of', (_name, Koa) => {
  test('a handler behind compression is settled as plain bytes', async () => {
    const { recording, url } = await behind(
      Koa,
      (ctx) => {
        ctx.body = { text: 'x'.repeat(2000) }
      },
      {},
      compress(),
    )
    const response = await fetch(url, { method: 'POST', headers: { 'accept-encoding': 'gzip' } })
    expect(response.headers.get('content-encoding')).toBe('gzip')
    expect(recording.texts).toEqual([await response.text()])
  })

  test('a handler that throws is what outer middleware makes of it', async () => {
    const mending: Middleware = async (ctx, next) => {
      await next().catch(() => {
        ctx.status = 418
        ctx.body = { mended: true }
      })
    }
    const { recording, url } = await behind(Koa, (ctx) => ctx.throw(500), {}, mending)
    expect((await fetch(url, { method: 'POST' })).status).toBe(418)
    expect(recording.texts).toEqual(['{"mended":true}'])
  })

  test('a stream that breaks is an error, and half of it is never settled', async () => {
    const { recording, url } = await behind(Koa, (ctx) => {
      ctx.body = Readable.from(
        (async function* () {
          yield 'half'
          throw new Error('broken')
        })(),
      )
    })
    expect((await fetch(url, { method: 'POST' })).status).toBe(500)
    expect(recording.told).toMatchObject([{ settle: { status: 500 } }])
  })

  test('a stream over the bound goes out whole', async () => {
    const { recording, url } = await behind(
      Koa,
      (ctx) => {
        ctx.body = Readable.from(['one ', 'two ', 'three'])
      },
      { maxBytes: 5 },
    )
    expect(await (await fetch(url, { method: 'POST' })).text()).toBe('one two three')
    expect(recording.told).toMatchObject([{ abandon: 'too-large', head: { status: 200 } }])
  })

  test('bytes over the bound go out whole', async () => {
    const { recording, url } = await behind(
      Koa,
      (ctx) => {
        ctx.body = 'too long'
      },
      { maxBytes: 5 },
    )
    expect(await (await fetch(url, { method: 'POST' })).text()).toBe('too long')
    expect(recording.told).toMatchObject([{ abandon: 'too-large' }])
  })

  test('a stream that is not to be held goes out as it is made', async () => {
    const source = new PassThrough()
    const { recording, url } = await behind(
      Koa,
      (ctx) => {
        ctx.body = source
      },
      { holds: () => false },
    )
    source.write('early ')
    const response = await fetch(url, { method: 'POST' })
    expect(recording.told).toMatchObject([{ abandon: 'live' }])
    source.end('late')
    expect(await response.text()).toBe('early late')
  })

  test('a handler can be replaced, and what outer middleware has set stays', async () => {
    const instead = { status: 409, headers: [['x-instead', '1'] as const], body: Buffer.from('lost') }
    const { url } = await behind(
      Koa,
      (ctx) => {
        ctx.set('X-Own', '1')
        ctx.body = { a: 1 }
      },
      { settle: () => Promise.resolve(instead) },
      (ctx, next) => {
        ctx.set('X-Outer', '1')
        return next()
      },
    )
    const response = await fetch(url, { method: 'POST' })
    const { headers } = response
    expect([response.status, await response.text(), headers.get('x-instead'), headers.get('x-outer')]).toEqual([
      409,
      'lost',
      '1',
      '1',
    ])
    expect([headers.has('x-own'), headers.has('content-type')]).toEqual([false, false])
  })

  test('is settled before its last byte leaves', async () => {
    const settling = gate<undefined>()
    const { recording, port } = await behind(
      Koa,
      (ctx) => {
        ctx.body = 'late'
      },
      { settle: () => settling.passed },
    )
    let isAnswered = false
    const { socket, answer } = raw(port, 'POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n')
    socket.once('data', () => {
      isAnswered = true
    })
    await recording.heard()
    await turn()
    expect(isAnswered).toBe(false)
    settling.open(undefined)
    expect(await answer).toContain('late')
  })
})
