import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { ConfigurationError, type Guard } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { bodyBounds as bounds, gate, head, reading, serve, wire } from './host.test.kit.js'

const chunked = 'Transfer-Encoding: chunked'

describe('a body that is not there', () => {
  test.each([['no length'], ['Content-Length: 0']])('is not touched: %s', async (field) => {
    const port = await serve([reading()], (req, res) => res.end(`<${req.readableDidRead} ${req.readableEnded}>`))
    const fields = field === 'no length' ? [] : [field]
    expect(await wire(port, head('POST /', ...fields)).until('>')).toContain('<false false>')
  })

  test('which turns out to be empty has not ended for the parser that comes after, all in one packet', async () => {
    const port = await serve([reading()], async (req, res) => {
      const wasReadable = req.readable && !req.readableEnded
      res.end(`<${wasReadable} ${(await req.toArray()).length}>`)
    })
    expect(await wire(port, `${head('POST /', chunked)}0\r\n\r\n`).until('>')).toContain('<true 0>')
  })
})

describe('the connection', () => {
  test('is used again after a handler that left a long body unread', async () => {
    const port = await serve([reading()], (_req, res) => res.end('(done)'))
    const body = 'z'.repeat(500_000)
    const line = wire(port, head('POST /1', `Content-Length: ${body.length}`), body)
    await line.until('(done)')
    line.socket.write(head('GET /2'))
    while (line.received.split('(done)').length < 3) await once(line.socket, 'data')
  })

  test('that expects to be told to continue is told', async () => {
    const port = await serve([reading()], async (req, res) => res.end(`(${Buffer.concat(await req.toArray())})`))
    const line = wire(port, head('POST /', 'Content-Length: 2', 'Expect: 100-continue'))
    await line.until('100 Continue')
    line.socket.write('ok')
    expect(await line.until(')')).toContain('(ok)')
  })
})

describe('bounds', () => {
  test('a declared length over the bound is refused before a byte is read', async () => {
    const port = await serve([reading([], { maxBytes: 10 })], () => {})
    expect(await wire(port, head('POST /', 'Content-Length: 11')).until('>')).toContain('<too-large>')
  })

  test('a body that grows over the bound is refused when it does', async () => {
    const seen: number[] = []
    const port = await serve([reading([], { maxBytes: 4, onChunk: (piece) => seen.push(piece.length) })], () => {})
    const line = wire(port, `${head('POST /', chunked)}3\r\nabc\r\n`)
    await turn()
    line.socket.write('3\r\ndef\r\n')
    expect(await line.until('>')).toContain('<too-large>')
    expect(seen.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(4)
  })

  test('a body slower than the bound is refused', async () => {
    const port = await serve([reading([], { timeoutSeconds: 0.02 })], () => {})
    expect(await wire(port, head('POST /', 'Content-Length: 5'), 'ab').until('>')).toContain('<timeout>')
  })

  test('a client that goes away in the middle has aborted, and no handler runs', async () => {
    const asked = gate()
    const fault = gate<unknown>()
    const guard: Guard<null> = async (request) => {
      const body = request.body(bounds)
      asked.open()
      await body.catch(fault.open)
      return { kind: 'reply', reply: { status: 400, headers: [], body: new Uint8Array() } }
    }
    const port = await serve([guard], () => expect.unreachable())
    const line = wire(port, head('POST /', 'Content-Length: 5'), 'ab')
    await asked.passed
    line.socket.destroy()
    expect(await fault.passed).toMatchObject({ fault: 'aborted' })
  })

  test('what the process holds is bounded, and given back when the reply has gone', async () => {
    const entered = gate()
    const leave = gate()
    let requests = 0
    const guard = reading([], { maxBufferedBytes: 6 })
    const port = await serve([guard], async (_req, res) => {
      requests += 1
      if (requests === 1) {
        entered.open()
        await leave.passed
      }
      res.end('(done)')
    })
    const post = () => wire(port, head('POST /', 'Content-Length: 4', 'Connection: close'), 'abcd')
    const first = post()
    await entered.passed
    expect(await post().until('>')).toContain('<busy>')
    leave.open()
    await first.closed()
    expect(await post().closed()).toContain('(done)')
  })

  test('a body that could never be held is not waited for', async () => {
    const port = await serve([reading([], { maxBufferedBytes: 6 })], () => {})
    expect(await wire(port, head('POST /', 'Content-Length: 7')).until('>')).toContain('<busy>')
  })
})

describe('several guards', () => {
  test('share one reading: the late one is handed the whole, under its own bound', async () => {
    const read: Uint8Array[] = []
    const late: Uint8Array[] = []
    const port = await serve(
      [reading(read), reading(read, { onChunk: (piece) => late.push(piece) }), reading(read, { maxBytes: 3 })],
      () => expect.unreachable(),
    )
    expect(await wire(port, head('POST /', 'Content-Length: 4'), 'abcd').until('>')).toContain('<too-large>')
    expect(read).toHaveLength(2)
    expect(read[1]).toBe(read[0])
    expect(Buffer.concat(late).toString()).toBe('abcd')
  })

  test('a guard that goes on after a body too large for it leaves the body whole', async () => {
    const shy: Guard<null> = async (request) => {
      await request.body({ ...bounds, maxBytes: 3 }).catch(() => {})
      return { kind: 'pass', grant: null }
    }
    const port = await serve([shy, reading()], async (req, res) => res.end(`(${Buffer.concat(await req.toArray())})`))
    const line = wire(port, `${head('POST /', chunked)}2\r\nab\r\n`)
    await turn()
    line.socket.write('3\r\ncde\r\n0\r\n\r\n')
    expect(await line.until(')')).toContain('(abcde)')
  })

  test('what a guard throws at a piece is what its promise is rejected with', async () => {
    const guard = reading([], {
      onChunk: () => {
        throw new ConfigurationError('unsupported-client', 'no')
      },
    })
    const port = await serve([guard], () => {})
    expect(await wire(port, head('POST /', 'Content-Length: 1'), 'a').until('>')).toContain('<unsupported-client>')
  })
})

describe('a body that was read before the guard', () => {
  async function behindParser(keep: (bytes: Buffer) => unknown, ...fields: string[]): Promise<string> {
    const parsed = gate()
    const guard: Guard<null> = async (request, prior) => {
      await parsed.passed
      return reading()(request, prior)
    }
    const port = await serve(
      [guard],
      (_req, res) => res.end('<passed>'),
      async (req) => {
        const rawBody = keep(Buffer.concat(await req.toArray()))
        Object.assign(req, { rawBody })
        parsed.open()
      },
    )
    return wire(port, head('POST /', ...fields), 'abcd').until('>')
  }

  test('is a misconfiguration where nothing was kept', async () => {
    expect(await behindParser(() => undefined, 'Content-Length: 4')).toContain('<body-already-read>')
    expect(await behindParser(String, 'Content-Length: 4')).toContain('<body-already-read>')
  })

  test('is taken from `rawBody` where the exact bytes were kept', async () => {
    expect(await behindParser((bytes) => bytes, 'Content-Length: 4')).toContain('<passed>')
  })

  test('is not taken from `rawBody` where it is what a parser has inflated', async () => {
    const answer = behindParser((bytes) => Buffer.concat([bytes, bytes]), 'Content-Length: 4', 'Content-Encoding: gzip')
    expect(await answer).toContain('<body-already-read>')
  })

  test('or is being decoded to text, is a misconfiguration', async () => {
    const port = await serve(
      [reading()],
      () => {},
      (req) => req.setEncoding('utf8'),
    )
    expect(await wire(port, head('POST /', 'Content-Length: 1'), 'a').until('>')).toContain('<body-already-read>')
  })
})

test('a client that is gone before the handler could read its body does not make the handler run without one', async () => {
  const read = gate()
  const decide = gate()
  const told = gate<string>()
  const guard: Guard<null> = async (request) => {
    await request.body(bounds)
    read.open()
    await decide.passed
    const capture = {
      maxBytes: 10,
      holds: () => true,
      settle: () => undefined,
      abandon: (reason: string) => void told.open(reason),
    }
    return { kind: 'pass', grant: null, capture }
  }
  const gone = gate()
  const port = await serve(
    [guard],
    () => expect.unreachable(),
    (req) => req.once('close', () => gone.open()),
  )
  const line = wire(port, head('POST /', 'Content-Length: 2'), 'ab')
  await read.passed
  line.socket.destroy()
  await gone.passed
  decide.open()
  expect(await told.passed).toBe('none')
})
