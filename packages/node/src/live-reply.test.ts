import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import type { Reply } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { gate, type Handler, head, passing, recorder, serve, settledText, text, wire } from './host.test.kit.js'

const post = head('POST /', 'Connection: close')

describe('a reply that is not to be held', () => {
  test('streams to the client as it is made', async () => {
    const { told, capture } = recorder()
    const leave = gate()
    const guard = passing({ capture: capture({ holds: ({ headers }) => headers.length === 0 }) })
    const port = await serve([guard], async (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream' })
      res.flushHeaders()
      await leave.passed
      res.write('data: 1\n\n')
      res.end('data: 2\n\n')
    })
    const line = wire(port, post)
    await line.until('\r\n\r\n')
    leave.open()
    expect(await line.closed()).toContain('data: 2')
    expect(told).toEqual([{ abandon: 'live', head: { status: 200, headers: [['content-type', 'text/event-stream']] } }])
  })

  test('waits for the capture to know of it, and may be replaced', async () => {
    const asked = gate<Reply | undefined>()
    const { heard, capture } = recorder()
    const guard = passing({ capture: capture({ holds: () => false, abandon: () => asked.passed }) })
    const written = gate<unknown>()
    const port = await serve([guard], (_req, res) => {
      res.write('one')
      res.write('two', written.open)
      res.end('three')
    })
    const line = wire(port, post)
    await heard()
    await written.passed
    expect(line.received).toBe('')
    asked.open(text(409, 'lost'))
    const received = await line.closed()
    expect(received).toMatch(/^HTTP\/1.1 409 .*\r\nlost$/s)
  })

  test('makes its writer wait as long as the capture does, and then wakes it', async () => {
    const asked = gate<Reply | undefined>()
    const { heard, capture } = recorder()
    const guard = passing({ capture: capture({ holds: () => false, abandon: () => asked.passed }) })
    const port = await serve([guard], async (_req, res) => {
      expect(res.write('x'.repeat(70_000))).toBe(false)
      await once(res, 'drain')
      res.end('(end)')
    })
    const line = wire(port, post)
    await heard()
    asked.open(undefined)
    expect(await line.until('(end)')).toContain('xxx')
  })
})

describe('a reply over the bound', () => {
  test.each<[string, Handler]>([
    ['in one piece', (_req, res) => res.end('x'.repeat(11))],
    ['in many', (_req, res) => void Readable.from('x'.repeat(11)).pipe(res)],
    [
      'after its head',
      (_req, res) => {
        res.writeHead(200)
        res.write('x'.repeat(6))
        res.end('x'.repeat(5))
      },
    ],
  ])('goes out whole, and the capture is told: %s', async (_how, handler) => {
    const { told, capture } = recorder()
    const port = await serve([passing({ capture: capture({ maxBytes: 10 }) })], handler)
    const received = await wire(port, post).closed()
    expect(received.split('x').length - 1).toBe(11)
    expect(told).toMatchObject([{ abandon: 'too-large', head: { status: 200 } }])
  })

  test('is not over it at its last byte', async () => {
    const { told, capture } = recorder()
    const port = await serve([passing({ capture: capture({ maxBytes: 10 }) })], (_req, res) => res.end('x'.repeat(10)))
    await wire(port, post).closed()
    expect(settledText(told)).toEqual(['x'.repeat(10)])
  })

  test('has the backpressure of the connection', async () => {
    const { capture } = recorder()
    const source = new PassThrough()
    const port = await serve([passing({ capture: capture({ maxBytes: 10 }) })], (_req, res) => source.pipe(res))
    const line = wire(port, post)
    line.socket.pause()
    await once(line.socket, 'connect')
    while (source.write('x'.repeat(65_536))) await turn()
    line.socket.resume()
    await once(source, 'drain')
    source.end('(end)')
    await line.until('(end)')
  })
})

describe('when the client has gone', () => {
  /** Runs the handler, and `resume`s it when the connection has closed. */
  async function gone(handler: (res: ServerResponse, closed: Promise<void>) => unknown) {
    const { told, heard, capture } = recorder()
    const entered = gate()
    const closed = gate()
    const port = await serve([passing({ capture: capture() })], (_req, res) => {
      res.once('close', () => closed.open())
      const handling = handler(res, closed.passed)
      entered.open()
      return handling
    })
    const line = wire(port, post)
    await entered.passed
    await turn()
    line.socket.destroy()
    await closed.passed
    return { told, heard }
  }

  test('the handler ends all the same, and its reply is settled', async () => {
    const { heard } = await gone(async (res, closed) => {
      await closed
      res.writeHead(201).end('made')
    })
    expect(settledText(await heard())).toEqual(['made'])
  })

  test('in the middle of what a handler writes piece by piece, the whole of it is settled', async () => {
    const { heard } = await gone(async (res, closed) => {
      res.write('one ')
      await closed
      res.write('two ')
      res.end('three')
    })
    expect(settledText(await heard())).toEqual(['one two three'])
  })

  test('a stream that is piped has no end: half of it is not settled', async () => {
    const { heard } = await gone((res) => {
      res.statusCode = 201
      const source = new PassThrough()
      source.pipe(res)
      source.write('half')
    })
    expect(await heard()).toMatchObject([{ abandon: 'closed', head: { status: 201 } }])
  })

  test('a stream that is piped after that is settled, because it comes to its end', async () => {
    const { heard } = await gone(async (res, closed) => {
      await closed
      Readable.from(['one ', 'two']).pipe(res)
    })
    expect(settledText(await heard())).toEqual(['one two'])
  })

  test('a pipeline that begins after that gives up, and that is told', async () => {
    const { heard } = await gone(async (res, closed) => {
      res.statusCode = 201
      await closed
      await pipeline(Readable.from(['one', 'two']), res).catch(() => {})
    })
    expect(await heard()).toMatchObject([{ abandon: 'closed', head: { status: 201 } }])
  })

  test.each(['before', 'after'])('a pipeline from a generator that began %s that comes to its end', async (when) => {
    const { heard } = await gone(async (res, closed) => {
      if (when === 'after') await closed
      await pipeline(async function* () {
        yield 'one '
        await closed
        yield 'two'
      }, res).catch(() => {})
    })
    expect(settledText(await heard())).toEqual(['one two'])
  })

  test('a generator that throws after that has given up, and that is told', async () => {
    const { heard } = await gone(async (res, closed) => {
      res.statusCode = 201
      await pipeline(async function* () {
        yield 'half'
        await closed
        throw new Error('in the middle')
      }, res).catch(() => {})
    })
    expect(await heard()).toMatchObject([{ abandon: 'closed', head: { status: 201 } }])
  })

  test('a handler that destroys its own response has given up', async () => {
    const { heard, capture } = recorder()
    const port = await serve([passing({ capture: capture() })], (_req, res) => void res.destroy())
    await wire(port, post).closed()
    expect(await heard()).toMatchObject([{ abandon: 'closed' }])
  })
})
