import type { ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Pass } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { gate, type Handler, head, passing, recorder, serve, wire } from './host.test.kit.js'

const post = head('POST /', 'Connection: close')

describe('a guard that is told the status', () => {
  async function telling(handler: Handler, pass: Partial<Pass<unknown>> = {}) {
    const asked = gate()
    const { told, heard, settled } = recorder()
    const port = await serve([passing({ ...pass, settled: settled(() => asked.passed) })], handler)
    return { line: wire(port, post), told, heard, open: asked.open }
  }

  test('is told before the last byte leaves, and what comes before it is not held back', async () => {
    const { line, heard, open } = await telling((_req, res) => {
      res.statusCode = 201
      res.write('first')
      res.end('last')
    })
    await line.until('first')
    expect(await heard()).toEqual([{ settled: 201 }])
    await turn()
    expect(line.received).not.toContain('last')
    open()
    expect(await line.closed()).toContain('last')
  })

  test.each<[string, Handler]>([
    ['set', (_req, res) => res.setHeader('Content-Length', 9)],
    ['given to writeHead alone', (_req, res) => res.writeHead(200, ['Content-Length', '9'])],
  ])('is told before the byte that completes a declared length: %s', async (_how, declare) => {
    const { line, heard, open } = await telling((req, res) => {
      declare(req, res)
      res.write('first')
      res.write('last')
      setImmediate(() => res.end())
    })
    await line.until('first')
    await heard()
    await turn()
    expect(line.received).not.toContain('last')
    open()
    expect(await line.closed()).toMatch(/firstlast$/)
  })

  test('is told once, whatever comes after the end', async () => {
    const { line, told, open } = await telling((_req, res) => {
      res.end('once')
      expect(res.writableEnded).toBe(true)
      expect(res.write('twice')).toBe(false)
      res.end('twice')
      open()
    })
    expect(await line.closed()).toMatch(/once$/)
    expect(told).toEqual([{ settled: 200 }])
  })

  test('that answers at once holds nothing back', async () => {
    const { told, settled } = recorder()
    const port = await serve([passing({ settled: settled() })], (_req, res) => Readable.from(['a', 'b']).pipe(res))
    expect(await wire(port, post).closed()).toMatch(/a.*b/s)
    expect(told).toEqual([{ settled: 200 }])
  })

  test('is told of the reply that a capture gives in place of the handler’s', async () => {
    const { told, capture, settled } = recorder()
    const instead = { status: 409, headers: [], body: Buffer.from('lost') }
    const guard = passing({ capture: capture({ settle: () => instead }), settled: settled() })
    const port = await serve([guard], (_req, res) => res.end('own'))
    expect(await wire(port, post).closed()).toMatch(/409 Conflict.*lost$/s)
    expect(told).toMatchObject([{ settle: { status: 200 } }, { settled: 409 }])
  })
})

describe('when the client has gone', () => {
  async function gone(handler: (res: ServerResponse, closed: Promise<void>) => unknown) {
    const { heard, settled } = recorder()
    const entered = gate()
    const closed = gate()
    const port = await serve([passing({ settled: settled() })], (_req, res) => {
      res.once('close', () => closed.open())
      const handling = handler(res, closed.passed)
      entered.open()
      return handling
    })
    const line = wire(port, post)
    await entered.passed
    await turn()
    line.socket.destroy()
    return heard()
  }

  test('the status of a handler that ends all the same is told', async () => {
    const told = await gone(async (res, closed) => {
      await closed
      res.writeHead(202).end()
    })
    expect(told).toEqual([{ settled: 202 }])
  })

  test('a handler that ends a reply too large to be held is told of, too', async () => {
    const { heard, capture, settled } = recorder()
    const entered = gate()
    const closed = gate()
    const guard = passing({ capture: capture({ maxBytes: 3 }), settled: settled() })
    const port = await serve([guard], async (_req, res) => {
      res.once('close', () => closed.open())
      entered.open()
      await closed.passed
      res.write('too ')
      res.end('large')
    })
    const line = wire(port, post)
    await entered.passed
    line.socket.destroy()
    expect(await heard(2)).toMatchObject([{ abandon: 'too-large' }, { settled: 200 }])
  })

  test('a stream that is piped is abandoned', async () => {
    const told = await gone((res) => {
      const source = new PassThrough()
      source.pipe(res)
      source.write('half')
    })
    expect(told).toEqual([{ settled: 'abandoned' }])
  })
})

test('a handler that throws in the middle of its reply has abandoned it', async () => {
  const { heard, settled } = recorder()
  const port = await serve([passing({ settled: settled() })], (_req, res) => {
    res.write('half')
    throw new Error('in the middle')
  })
  await wire(port, post).closed()
  expect(await heard()).toEqual([{ settled: 'abandoned' }])
})

describe('header fields of a pass', () => {
  const headers = [
    ['vary', 'X-Key'],
    ['cache-control', 'private'],
  ] as const

  test.each<[string, Handler]>([
    ['by end', (_req, res) => res.setHeader('Vary', 'Accept').end('x')],
    ['by writeHead', (_req, res) => res.writeHead(200, { Vary: 'Accept' }).end('x')],
    ['by a list', (_req, res) => res.writeHead(200, ['Vary', 'Accept']).end('x')],
    ['by pairs', (_req, res) => res.writeHead(200, [['Vary', 'Accept']] as never).end('x')],
    [
      'by flushing',
      (_req, res) => {
        res.setHeader('Vary', ['Accept'])
        res.flushHeaders()
        res.end()
      },
    ],
  ])('are applied to the head, however it is written: %s', async (_how, handler) => {
    const received = await wire(await serve([passing({ headers })], handler), post).closed()
    expect(received).toMatch(/vary: Accept, X-Key\r\n/i)
    expect(received).toMatch(/cache-control: private\r\n/i)
  })

  test('are applied to error replies, and leave what is set alone', async () => {
    const port = await serve([passing({ headers })], (_req, res) => {
      res.setHeader('Cache-Control', 'no-store')
      throw new Error('failed')
    })
    const received = await wire(port, post).closed()
    expect(received).toMatch(/500.*vary: X-Key\r\n/is)
    expect(received).toMatch(/cache-control: no-store\r\n/i)
  })

  test('are applied to what a later guard refuses with', async () => {
    const refusal = { status: 403, headers: [['vary', 'Origin'] as const], body: Buffer.from('no') }
    const port = await serve(
      [passing({ headers, strip: ['x-mark'] }), () => ({ kind: 'reply', reply: refusal })],
      () => {},
    )
    expect(await wire(port, post).closed()).toMatch(/403.*vary: Origin, X-Key\r\n/is)
  })

  test('of a pass that strips: what only the guard may set is gone', async () => {
    const port = await serve([passing({ strip: ['x-mark'] })], (_req, res) =>
      res.writeHead(200, { 'X-Mark': '1' }).end(),
    )
    expect(await wire(port, post).closed()).not.toMatch(/x-mark/i)
  })
})
