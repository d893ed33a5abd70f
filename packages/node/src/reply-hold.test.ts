import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import type { Reply } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import {
  gate,
  type Handler,
  head,
  passing,
  recorder,
  serve,
  settledText,
  text,
  type Wire,
  wire,
} from './host.test.kit.js'

test('the capture is told what the handler gave, before outer middleware touches it', async () => {
  const { told, capture } = recorder()
  const port = await serve(
    [passing({ capture: capture() })],
    (_req, res) => {
      res.setHeader('X-Number', 7)
      res.writeHead(201, ['X-One', '1', 'Set-Cookie', 'a', 'Set-Cookie', 'b'])
      res.write('one ')
      res.end('dHdv', 'base64')
    },
    shouting,
  )
  const received = await wire(port, head('POST /', 'Connection: close')).closed()
  expect(received).toContain('X-Shouted: yes')
  expect(received).toMatch(/ONE .*TWO/s)
  expect(told).toEqual([
    {
      settle: {
        status: 201,
        headers: [
          ['x-number', '7'],
          ['x-one', '1'],
          ['set-cookie', 'a'],
          ['set-cookie', 'b'],
        ],
        body: Buffer.from('one two'),
      },
    },
  ])
})

/** Outer middleware that edits the head when it is written, and the body on its way, as compression does. */
function shouting(_req: IncomingMessage, res: ServerResponse): void {
  const { writeHead, write, end } = res
  const loud = (chunk: unknown) => (chunk instanceof Uint8Array || typeof chunk === 'string' ? shout(chunk) : chunk)
  const shout = (chunk: string | Uint8Array) => Buffer.from(chunk).toString().toUpperCase()
  Object.assign(res, {
    writeHead: (...args: unknown[]) => {
      res.setHeader('X-Shouted', 'yes')
      return writeHead.apply(res, args as never)
    },
    write: (chunk: unknown) => write.call(res, loud(chunk), 'utf8'),
    end: (chunk: unknown, encoding: unknown) => {
      const text = encoding === 'base64' ? Buffer.from(String(chunk), 'base64') : chunk
      return end.call(res, loud(text), 'utf8')
    },
  })
}

describe('while the capture is asked', () => {
  async function settling(handler: Handler): Promise<Wire & { open: (instead?: Reply) => void; told: unknown[] }> {
    const asked = gate<Reply | undefined>()
    const { told, heard, capture } = recorder()
    const port = await serve([passing({ capture: capture({ settle: () => asked.passed }) })], handler)
    const line = wire(port, head('POST /', 'Connection: close'))
    await heard()
    await turn()
    return Object.assign(line, { open: asked.open, told })
  }

  test('not a byte has left', async () => {
    const line = await settling((_req, res) => res.end('hello'))
    expect(line.received).toBe('')
    line.open(undefined)
    expect(await line.closed()).toContain('hello')
  })

  test('the response looks as if it had', async () => {
    const seen = gate<unknown[]>()
    const line = await settling((_req, res) => {
      res.end('hello')
      seen.open([res.headersSent, res.writableEnded, res.finished, code(() => res.setHeader('X-Late', '1'))])
      expect(code(() => res.writeHead(500))).toBe('ERR_HTTP_HEADERS_SENT')
      expect(code(() => res.removeHeader('x-late'))).toBe('ERR_HTTP_HEADERS_SENT')
      expect(code(() => res.appendHeader('x-late', '1'))).toBe('ERR_HTTP_HEADERS_SENT')
      res.statusCode = 500
    })
    expect(await seen.passed).toEqual([true, true, true, 'ERR_HTTP_HEADERS_SENT'])
    line.open(undefined)
    expect(await line.closed()).toMatch(/^HTTP\/1.1 200 OK/)
  })

  test('a handler that answers twice, and is cut off for it, has given its first answer', async () => {
    const line = await settling((_req, res) => {
      res.end('hello')
      res.setHeader('X-Second', '1')
    })
    line.open(undefined)
    expect(await line.closed()).toContain('hello')
  })

  test('what is written after the end is refused to the writer, and the process survives it', async () => {
    const refused = gate<unknown>()
    const line = await settling((_req, res) => {
      res.end('hello')
      expect(res.write('late', refused.open)).toBe(false)
      res.end()
      res.end('later')
    })
    expect(await refused.passed).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
    line.open(undefined)
    expect(await line.closed()).toMatch(/\r\nhello$/)
  })

  test('the end has not been called back; after it has left, it is', async () => {
    const finished = gate()
    const line = await settling((_req, res) => res.end('hello', () => finished.open()))
    line.open(undefined)
    await finished.passed
  })

  test('a reply that it gives instead is sent in place, with what outer middleware had set', async () => {
    const asked = gate<Reply | undefined>()
    const { heard, capture } = recorder()
    const port = await serve(
      [passing({ capture: capture({ settle: () => asked.passed }) })],
      (_req, res) => res.writeHead(201, 'Made', { 'X-Own': '1', Vary: 'Accept', 'Content-Length': 5 }).end('hello'),
      (_req, res) => res.setHeader('Vary', 'Origin').setHeader('Access-Control-Allow-Origin', '*'),
    )
    const line = wire(port, head('POST /', 'Connection: close'))
    await heard()
    asked.open(
      text(409, 'lost', [
        ['content-type', 'text/plain'],
        ['vary', 'X-Key'],
      ]),
    )
    const received = await line.closed()
    expect(received).toMatch(/^HTTP\/1.1 409 Conflict\r\n/)
    expect(received).toMatch(/vary: Origin, X-Key\r\n/i)
    expect(received).toMatch(/access-control-allow-origin: \*\r\n/i)
    expect(received).toMatch(/content-length: 4\r\n/)
    expect(received).not.toMatch(/X-Own|hello/)
  })
})

function code(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}

describe('a head that is written freezes', () => {
  test('so that error handling finds what it would find, and nothing has left', async () => {
    const { told, capture } = recorder()
    const found = gate<unknown[]>()
    const leave = gate()
    const port = await serve([passing({ capture: capture() })], async (_req, res) => {
      res.writeHead(200)
      found.open([
        res.headersSent,
        res.writableEnded,
        code(() => res.setHeader('X-Late', '1')),
        code(() => res.writeHead(200)),
      ])
      await leave.passed
      res.end('x')
    })
    const line = wire(port, head('POST /', 'Connection: close'))
    expect(await found.passed).toEqual([true, false, 'ERR_HTTP_HEADERS_SENT', 'ERR_HTTP_HEADERS_SENT'])
    expect(line.received).toBe('')
    leave.open()
    expect(await line.closed()).toContain('200 OK')
    expect(settledText(told)).toEqual(['x'])
  })

  test('and a handler that throws after it is cut off: half a body is never settled', async () => {
    const { heard, capture } = recorder()
    const port = await serve([passing({ capture: capture() })], (_req, res) => {
      res.write('half')
      throw new Error('in the middle')
    })
    expect(await wire(port, head('POST /')).closed()).toBe('')
    expect(await heard()).toMatchObject([{ abandon: 'closed', head: { status: 200 } }])
  })
})

test('what Node refuses is refused at once, and nothing is settled', async () => {
  const { told, capture } = recorder()
  const port = await serve([passing({ capture: capture() })], (_req, res) => {
    const codes = [
      code(() => res.writeHead(1)),
      code(() => res.write(null)),
      code(() => res.write(7)),
      code(() => res.end({})),
      code(() => res.writeHead(200, { 'X-Bad': 'a\nb' })),
    ]
    expect(told).toEqual([])
    res.end(codes.join())
  })
  const received = await wire(port, head('POST /', 'Connection: close')).closed()
  const invalid = 'ERR_INVALID_ARG_TYPE'
  expect(received).toContain(
    `ERR_HTTP_INVALID_STATUS_CODE,ERR_STREAM_NULL_VALUES,${invalid},${invalid},ERR_INVALID_CHAR`,
  )
})

test('a writer that waits for its callback goes on, and may use its buffer again', async () => {
  const { told, capture } = recorder()
  const port = await serve([passing({ capture: capture() })], async (_req, res) => {
    const buffer = Buffer.from('first ')
    await new Promise((resolve) => res.write(buffer, resolve))
    buffer.write('second')
    res.end(buffer)
  })
  expect(await wire(port, head('POST /', 'Connection: close')).closed()).toContain('first ')
  expect(settledText(told)).toEqual(['first second'])
})

test('fields that only the guard may set are stripped before the capture sees them, its own are applied after', async () => {
  const { told, capture } = recorder()
  const guard = passing({
    capture: capture(),
    strip: ['x-mark'],
    headers: [
      ['vary', 'X-Key'],
      ['x-own', '1'],
    ],
  })
  const port = await serve([guard], (_req, res) => res.writeHead(200, { 'X-Mark': 'forged', Vary: 'Accept' }).end('x'))
  const received = await wire(port, head('POST /', 'Connection: close')).closed()
  expect(received).not.toMatch(/x-mark/i)
  expect(received).toMatch(/Vary: Accept, X-Key\r\n/i)
  expect(received).toMatch(/x-own: 1\r\n/)
  expect(told).toMatchObject([{ settle: { headers: [['vary', 'Accept']] } }])
})
