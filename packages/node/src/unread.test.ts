import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import type { Guard } from '@latchkey/core'
import { describe, expect, test, vi } from 'vitest'
import { head, passing, recorder, serve, text, wire } from './host.test.kit.js'

const refusing: Guard<null> = () => ({ kind: 'reply', reply: text(401, '(no)') })

describe('an answer that comes before the body', () => {
  test('is there at once, and the connection is used again when the body has come', async () => {
    const port = await serve([refusing], () => {})
    const line = wire(port, head('POST /', 'Content-Length: 4'))
    expect(await line.until('(no)')).not.toMatch(/connection: close/i)
    line.socket.write(`abcd${head('POST /')}`)
    while (line.received.split('(no)').length < 3) await once(line.socket, 'data')
  })

  test('to an upload of any length is read by the client, which is then cut off', async () => {
    const port = await serve([refusing], () => {})
    const line = wire(port, head('POST /', 'Content-Length: 1000000000'))
    expect(await line.until('(no)')).toMatch(/connection: close/i)
    const piece = Buffer.alloc(65_536)
    const closed = line.closed()
    let isClosed = false
    closed.then(() => {
      isClosed = true
    })
    let sent = 0
    while (!isClosed) {
      line.socket.write(piece, () => {})
      sent += piece.length
      await turn()
    }
    expect(await closed).toContain('(no)')
    expect(sent).toBeGreaterThan(1024 * 1024)
  })

  test('to a body that is slow to come ends with the connection after a second', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const port = await serve([refusing], () => {})
      const line = wire(port, head('POST /', 'Content-Length: 4'), 'a')
      await line.until('(no)')
      while (vi.getTimerCount() === 0) await turn()
      vi.advanceTimersByTime(1000)
      expect(await line.closed()).toContain('(no)')
    } finally {
      vi.useRealTimers()
    }
  })

  test('after a part of it was read says that the connection ends', async () => {
    const greedy: Guard<null> = async (request) => {
      await request.body({ maxBytes: 3, timeoutSeconds: 60 }).catch(() => {})
      return { kind: 'reply', reply: text(413, '(too large)') }
    }
    const port = await serve([greedy], () => {})
    const line = wire(port, `${head('POST /', 'Transfer-Encoding: chunked')}4\r\nabcd\r\n`)
    expect(await line.until('(too large)')).toMatch(/connection: close/i)
    line.socket.write('0\r\n\r\n')
    await line.closed()
  })

  test('and has no body itself, is there at once too', async () => {
    const port = await serve([() => ({ kind: 'reply', reply: text(304, '') })], () => {})
    const line = wire(port, head('POST /', 'Content-Length: 4'))
    expect(await line.until('\r\n\r\n')).toContain('304')
  })

  test('is told to the guards that had passed before', async () => {
    const { heard, capture, settled } = recorder()
    const port = await serve([passing({ capture: capture(), settled: settled() }), refusing], () => {})
    const line = wire(port, head('POST /', 'Content-Length: 4'), 'abcd')
    await line.until('(no)')
    expect(await heard(2)).toMatchObject([{ settle: { status: 401 } }, { settled: 401 }])
  })
})

test('a guard that answers when somebody outside has answered already does nothing', async () => {
  const port = await serve(
    [refusing],
    () => {},
    (_req, res) => res.end('(timeout)'),
  )
  expect(await wire(port, head('POST /', 'Connection: close')).closed()).toMatch(/\(timeout\)$/)
})

test('a handler whose request somebody outside has answered already does not run', async () => {
  const { told, heard, capture } = recorder()
  const port = await serve(
    [passing({ capture: capture() })],
    () => expect.unreachable(),
    (_req, res) => res.end('(timeout)'),
  )
  expect(await wire(port, head('POST /', 'Connection: close')).closed()).toMatch(/\(timeout\)$/)
  await heard()
  expect(told).toMatchObject([{ abandon: 'none' }])
})
