import { Readable } from 'node:stream'
import { mount } from '@latchkey/koa'
import { describe, expect, test } from 'vitest'
import { behind, type Handler, majors } from './koa-behind.js'
import { gate, Recording, raw, serve } from './recording.js'

describe.each(majors)('%s: when the client has gone', (_name, Koa) => {
  async function gone(handler: Handler): Promise<Recording> {
    const entered = gate()
    const closed = gate()
    const { recording, port } = await behind(Koa, async (ctx) => {
      ctx.res.once('close', () => closed.open())
      entered.open()
      await closed.passed
      return handler(ctx)
    })
    const { socket } = raw(port, 'POST / HTTP/1.1\r\nHost: test\r\n\r\n')
    await entered.passed
    socket.destroy()
    await recording.heard()
    return recording
  }

  test.each<[string, Handler, string]>([
    [
      'a body',
      (ctx) => {
        ctx.status = 201
        ctx.body = { a: 1 }
      },
      '{"a":1}',
    ],
    [
      'a status alone',
      (ctx) => {
        ctx.status = 201
      },
      'Created',
    ],
    [
      'the raw response',
      (ctx) => {
        ctx.respond = false
        ctx.res.writeHead(201).end('raw')
      },
      'raw',
    ],
  ])('%s is settled all the same', async (_how, handler, text) => {
    const recording = await gone(handler)
    expect(recording.texts).toEqual([text])
    expect(recording.told).toMatchObject([{ settle: { status: 201 } }])
  })

  test('an error is settled as it would have been rendered', async () => {
    const recording = await gone((ctx) => ctx.throw(422, 'not this one'))
    expect(recording.texts).toEqual(['not this one'])
    expect(recording.told).toMatchObject([{ settle: { status: 422 } }])
  })
})

describe.each(majors)('%s: a guard that is told the status', (_name, Koa) => {
  test.each<[string, Handler, number]>([
    [
      'a body',
      (ctx) => {
        ctx.body = { a: 1 }
      },
      200,
    ],
    [
      'a stream',
      (ctx) => {
        ctx.body = Readable.from(['a'])
      },
      200,
    ],
    ['nothing', () => {}, 404],
    ['an error', (ctx) => ctx.throw(422), 422],
  ])('hears of %s', async (_how, handler, status) => {
    const recording = new Recording()
    const app = Object.assign(new Koa(), { silent: true }).use(mount('told', recording.watching())).use(handler)
    expect((await fetch((await serve(app.callback())).url, { method: 'POST' })).status).toBe(status)
    expect(recording.told).toEqual([{ settled: status }])
  })
})

test.each<[string, Handler, number]>([
  [
    'a body',
    (ctx) => {
      ctx.body = { a: 1 }
    },
    200,
  ],
  ['an error', (ctx) => ctx.throw(422), 422],
])('a guard that is told the status hears of %s though the client has gone', async (_how, handler, outcome) => {
  for (const [, Koa] of majors) {
    const recording = new Recording()
    const entered = gate()
    const closed = gate()
    const app = Object.assign(new Koa(), { silent: true }).use(mount('told', recording.watching()))
    app.use(async (ctx) => {
      ctx.res.once('close', () => closed.open())
      entered.open()
      await closed.passed
      return handler(ctx)
    })
    const { socket } = raw((await serve(app.callback())).port, 'POST / HTTP/1.1\r\nHost: test\r\n\r\n')
    await entered.passed
    socket.destroy()
    expect(await recording.heard()).toEqual([{ settled: outcome }])
  }
})
