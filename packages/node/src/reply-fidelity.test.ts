import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type Handler, head, passing, recorder, serve, wire } from './host.test.kit.js'

/** Handlers as they are written. */
const handlers: Record<string, Handler> = {
  'end with text': (_req, res) => res.end('hello'),
  'end with bytes': (_req, res) => res.end(Buffer.from([0, 255, 10])),
  'end with an encoding': (_req, res) => res.end('aGVsbG8=', 'base64'),
  'end with latin1 text': (_req, res) => res.end('h\u00e9', 'latin1'),
  'end with nothing': (_req, res) => res.end(),
  'end with an empty text': (_req, res) => res.end(''),
  'end with a callback alone': (_req, res) => res.end(() => {}),
  'two writes and an end': (_req, res) => {
    res.write('one')
    res.write(Buffer.from('two'))
    res.end()
  },
  'a write, and an end with more': (_req, res) => {
    res.write('one')
    res.end('two')
  },
  'a declared length': (_req, res) => {
    res.setHeader('Content-Length', 6)
    res.write('one')
    res.end('two')
  },
  'writeHead and end': (_req, res) => res.writeHead(201, { 'X-One': '1' }).end('hello'),
  'writeHead with a reason': (_req, res) => res.writeHead(201, 'Made', { 'X-One': '1' }).end('hello'),
  'writeHead with a length': (_req, res) => res.writeHead(200, { 'Content-Length': 5 }).end('hello'),
  'writeHead with a list': (_req, res) =>
    res.writeHead(200, ['X-One', '1', 'Set-Cookie', 'a', 'Set-Cookie', 'b']).end('x'),
  'writeHead with lists of values': (_req, res) => res.writeHead(200, { 'Set-Cookie': ['a', 'b'] }).end('x'),
  'writeHead over fields that were set': (_req, res) => {
    res.setHeader('X-One', '0')
    res.setHeader('X-Two', '2')
    res.writeHead(200, { 'X-One': '1' }).end('x')
  },
  'flushed fields': (_req, res) => {
    res.flushHeaders()
    res.end('hello')
  },
  'a piped stream': (_req, res) => void Readable.from(['one', 'two']).pipe(res),
  'a pipeline': (_req, res) => pipeline(Readable.from(['one', 'two']), res),
  'a pipeline from a generator': (_req, res) =>
    pipeline(async function* () {
      yield 'one'
      yield 'two'
    }, res),
  'no content': (_req, res) => res.writeHead(204).end(),
  'no content, with some': (_req, res) => {
    res.statusCode = 204
    res.end('dropped')
  },
  'not modified': (_req, res) => {
    res.writeHead(304, { ETag: '"1"' })
    res.end()
  },
  'a redirect': (_req, res) => res.writeHead(303, { Location: '/there' }).end(),
  'a status message': (_req, res) => {
    res.statusCode = 200
    res.statusMessage = 'Fine'
    res.end('x')
  },
  trailers: (_req, res) => {
    res.writeHead(200, { Trailer: 'X-Sum' })
    res.write('x')
    res.addTrailers({ 'X-Sum': '1' })
    res.end()
  },
  'early hints': (_req, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload' })
    res.end('x')
  },
  'no keep-alive': (_req, res) => {
    res.setHeader('Connection', 'close')
    res.end('x')
  },
}

describe.each([
  ['at once', undefined],
  ['later', () => turn(undefined)],
])('a reply that is settled %s goes out as it would have without a guard', (_when, settle) => {
  for (const method of ['POST', 'HEAD']) {
    // Node refuses trailers where there is no body.
    const names = Object.keys(handlers).filter((name) => method === 'POST' || name !== 'trailers')
    test.each(names)(`${method}: %s`, async (name) => {
      const handler = handlers[name]!
      const { told, capture } = recorder()
      const guard = passing({ capture: capture(settle && { settle }) })
      const request = head(`${method} /`, 'Connection: close')
      const bare = await wire(await serve([], handler), request).closed()
      const guarded = await wire(await serve([guard], handler), request).closed()
      expect(lines(guarded)).toEqual(lines(bare))
      expect(told).toHaveLength(1)
      expect(told[0]).toHaveProperty('settle')
    })
  }
})

/** Without the date; fields that are given to `writeHead` alone have names in the case in which they were given. */
function lines(response: string): string[] {
  const [heads = '', ...bodies] = response.split(/(?<=\r\n\r\n)/)
  return [heads.replace(/^Date: .*\r\n/m, ''), ...bodies.map((body) => body.replace(/^Date: .*\r\n/m, ''))]
}
