import { Readable } from 'node:stream'
import Koa3 from 'koa'
import { describe, expect, test } from 'vitest'
import { behind, type Handler, majors } from './koa-behind.js'

describe.each(majors)('%s: the reply of', (_name, Koa) => {
  const replies: Record<string, [handler: Handler, status: number, type: string | null, body: string]> = {
    'a text': [
      (ctx) => {
        ctx.body = 'text'
      },
      200,
      'text/plain; charset=utf-8',
      'text',
    ],
    'an empty text': [
      (ctx) => {
        ctx.body = ''
      },
      200,
      'text/plain; charset=utf-8',
      '',
    ],
    'a text that is HTML': [
      (ctx) => {
        ctx.body = '<p>'
      },
      200,
      'text/html; charset=utf-8',
      '<p>',
    ],
    bytes: [
      (ctx) => {
        ctx.body = Buffer.from('bytes')
      },
      200,
      'application/octet-stream',
      'bytes',
    ],
    'an object': [
      (ctx) => {
        ctx.status = 201
        ctx.body = { a: 1 }
      },
      201,
      'application/json; charset=utf-8',
      '{"a":1}',
    ],
    'a number': [
      (ctx) => {
        ctx.body = 7
      },
      200,
      'application/json; charset=utf-8',
      '7',
    ],
    'a stream': [
      (ctx) => {
        ctx.body = Readable.from(['one ', 'two'])
      },
      200,
      'application/octet-stream',
      'one two',
    ],
    'a stream of a type': [
      (ctx) => {
        ctx.type = 'text/csv'
        ctx.body = Readable.from(['a,b'])
      },
      200,
      'text/csv; charset=utf-8',
      'a,b',
    ],
    'null on purpose': [
      (ctx) => {
        ctx.body = null
        ctx.status = 202
      },
      202,
      null,
      '',
    ],
    'no content': [
      (ctx) => {
        ctx.status = 204
      },
      204,
      null,
      '',
    ],
    'not modified': [
      (ctx) => {
        ctx.body = 'x'
        ctx.status = 304
      },
      304,
      null,
      '',
    ],
    'a status alone': [
      (ctx) => {
        ctx.status = 202
      },
      202,
      'text/plain; charset=utf-8',
      'Accepted',
    ],
    'nothing at all': [() => {}, 404, 'text/plain; charset=utf-8', 'Not Found'],
    'a redirect': [(ctx) => ctx.redirect('/there'), 302, 'text/html; charset=utf-8', 'Redirecting to /there.'],
    'a type taken away': [
      (ctx) => {
        ctx.body = 'x'
        ctx.remove('Content-Type')
      },
      200,
      null,
      'x',
    ],
    'an error thrown': [(ctx) => ctx.throw(422, 'wrong'), 422, 'text/plain; charset=utf-8', 'wrong'],
    'an error of its own': [
      () => {
        throw new Error('secret')
      },
      500,
      'text/plain; charset=utf-8',
      'Internal Server Error',
    ],
    'the raw response': [
      (ctx) => {
        ctx.respond = false
        ctx.res.writeHead(201, ['X-A', '1']).end('raw')
      },
      201,
      null,
      'raw',
    ],
    'the raw response, while Koa responds': [
      (ctx) => {
        ctx.res.statusCode = 201
        ctx.res.end('raw')
      },
      201,
      null,
      'raw',
    ],
    'the raw response, later': [
      (ctx) => {
        ctx.respond = false
        setImmediate(() => ctx.res.end('raw'))
      },
      404,
      null,
      'raw',
    ],
    'flushed fields': [
      (ctx) => {
        ctx.status = 200
        ctx.flushHeaders()
        ctx.body = Readable.from(['a', 'b'])
      },
      200,
      null,
      'ab',
    ],
  }

  test.each(Object.keys(replies))('%s is settled as it went out', async (name) => {
    const [handler, status, type, body] = replies[name]!
    const { recording, url } = await behind(Koa, handler)
    const response = await fetch(url, { method: 'POST', redirect: 'manual' })
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([status, type, body])
    expect(recording.texts).toEqual([body])
    expect(recording.told).toMatchObject([{ settle: { status } }])
  })
})

test.each<[string, Handler]>([
  [
    'a Blob',
    (ctx) => {
      ctx.body = new Blob(['web'])
    },
  ],
  [
    'a ReadableStream',
    (ctx) => {
      ctx.body = new Blob(['web']).stream()
    },
  ],
  [
    'a Response',
    (ctx) => {
      ctx.body = new Response('web')
    },
  ],
])('Koa 3: the reply of %s is settled as it went out', async (_how, handler) => {
  for (const maxBytes of [3, 2]) {
    const { recording, url } = await behind(Koa3, handler, { maxBytes })
    expect(await (await fetch(url, { method: 'POST' })).text()).toBe('web')
    expect(recording.texts).toEqual(maxBytes === 3 ? ['web'] : [])
  }
})
