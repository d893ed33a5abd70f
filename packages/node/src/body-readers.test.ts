import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { head, reading, serve, wire } from './host.test.kit.js'

/** The ways in which a handler, or a parser of its, reads a request. */
const readers: Record<string, (req: IncomingMessage) => Promise<Buffer>> = {
  'data and end events': async (req) => {
    const pieces: Buffer[] = []
    req.on('data', (piece) => pieces.push(piece))
    await once(req, 'end')
    return Buffer.concat(pieces)
  },
  'an async iterator': async (req) => {
    const pieces: Buffer[] = []
    for await (const piece of req) pieces.push(piece)
    return Buffer.concat(pieces)
  },
  'readable events': async (req) => {
    const pieces: Buffer[] = []
    req.on('readable', () => {
      for (let piece = req.read(); piece !== null; piece = req.read()) pieces.push(piece)
    })
    await once(req, 'end')
    return Buffer.concat(pieces)
  },
  'a pipeline': async (req) => {
    const through = new PassThrough()
    const [, pieces] = await Promise.all([pipeline(req, through), through.toArray()])
    return Buffer.concat(pieces)
  },
  'a pipe, long after the guard': async (req) => {
    for (let turns = 0; turns < 5; turns++) await turn()
    return Buffer.concat(await req.pipe(new PassThrough()).toArray())
  },
}

describe.each(Object.entries(readers))('after the guard %s', (_name, reader) => {
  test.each([
    ['one byte', ['x']],
    ['a long body', ['y'.repeat(300_000)]],
    ['one-byte pieces', [...'one by one']],
    ['an empty chunked body', []],
  ])('read the same bytes: %s', async (_what, pieces) => {
    const read: Uint8Array[] = []
    const port = await serve([reading(read)], async (req, res) => res.end(`(${await reader(req)})`))
    const line = wire(port, head('POST /', 'Transfer-Encoding: chunked'))
    for (const piece of pieces) {
      line.socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`)
      await turn()
    }
    line.socket.write('0\r\n\r\n')
    expect(await line.until(')')).toContain(`(${pieces.join('')})`)
    expect(Buffer.concat(read).toString()).toBe(pieces.join(''))
  })
})
