import { BodyError, type Guard, problem } from '@latchkey/core'
import { Hono, type MiddlewareHandler } from 'hono'
import { describe, expect, it } from 'vitest'
import { dial, listening } from './hosts.test.kit.js'
import { mount } from './index.js'

/** A guard that refuses what it cannot read, by the name of the fault, and tells what became of the body. */
function reading(timeoutSeconds = 30): { guard: Guard<number>; told: Promise<string> } {
  let tell = (_fault: string): void => {}
  const told = new Promise<string>((resolve) => {
    tell = resolve
  })
  const guard: Guard<number> = async (request) => {
    try {
      const { length } = await request.body({ maxBytes: 1000, timeoutSeconds })
      tell(`read ${length}`)
      return { kind: 'pass', grant: length }
    } catch (error) {
      if (!(error instanceof BodyError)) throw error
      tell(error.fault)
      const status = error.fault === 'too-large' ? 413 : 408
      return { kind: 'reply', reply: problem({ status, code: error.fault, title: 'No' }) }
    }
  }
  return { guard, told }
}

const declared = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`
const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
const chunk = (length: number) => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`

// The two ways in which the body is read: from the socket, and, behind a middleware that has looked at it, as a stream.
const looking: MiddlewareHandler = (c, next) => (c.req.raw.body === null ? next() : next())
const apps = [
  ['from the socket', () => new Hono()],
  ['as a stream', () => new Hono().use(looking)],
] as const

describe.each(apps)('an upload that is read %s', (_way, app) => {
  it.each([
    ['by its declared length, before a byte is sent', declared(5_000_000)],
    ['by its declared length, all of it on its way', declared(5_000_000) + 'x'.repeat(5_000_000)],
    ['by its length, in chunks', chunked + chunk(900) + chunk(101)],
    ['by its length, in chunks that end', `${chunked}${chunk(200_000).repeat(3)}0\r\n\r\n`],
  ])('is refused over the limit, and its client reads the answer: %s', async (_name, message) => {
    const { guard } = reading()
    const port = await listening(app().post('/', mount('g', guard), () => expect.fail('the handler ran')))
    const socket = await dial(port)
    socket.write(message)
    const answer = await socket.answered(/}$/)
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toMatch(/"code":"too-large"/)
  })

  it('is closed on when it goes on without end after the refusal', async () => {
    const { guard } = reading()
    const port = await listening(app().post('/', mount('g', guard), () => expect.fail('the handler ran')))
    const socket = await dial(port)
    const closed = new Promise((resolve) => socket.once('close', resolve))
    const refused = socket.answered(/}$/)
    socket.write(chunked)
    while (socket.writable) await new Promise((done) => socket.write(chunk(65_536), done))
    expect(await refused).toMatch(/^HTTP\/1.1 413 /)
    await closed
  })

  it('that its client gives up never reaches the handler', async () => {
    const { guard, told } = reading()
    const port = await listening(app().post('/', mount('g', guard), () => expect.fail('the handler ran')))
    const socket = await dial(port)
    await new Promise((done) => socket.write(declared(500) + 'x'.repeat(100), done))
    socket.destroy()
    expect(await told).toBe('aborted')
  })

  it.each([
    ['in the middle', 100],
    ['at its end', 500],
  ])('that its client gives up %s, before a guard asks for it, is whole or nothing', async (_name, sent) => {
    const { guard, told } = reading()
    let arrived = (): void => undefined
    const isThere = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const untilGone: MiddlewareHandler = async (c, next) => {
      const gone = new Promise((resolve) => c.env.incoming.once('close', resolve))
      arrived()
      await gone
      await next()
    }
    const handled = app()
      .use(untilGone)
      .post('/', mount('g', guard), (c) => c.text('handled'))
    const socket = await dial(await listening(handled))
    socket.write(declared(500) + 'x'.repeat(sent))
    await isThere
    socket.destroy()
    // A stream that was made before has the bytes.
    expect(sent < 500 ? ['aborted'] : ['aborted', 'read 500']).toContain(await told)
  })

  it('that does not arrive in time is refused', async () => {
    const { guard } = reading(0.05)
    const port = await listening(app().post('/', mount('g', guard), () => expect.fail('the handler ran')))
    const socket = await dial(port)
    socket.write(declared(500))
    expect(await socket.answered(/}$/)).toMatch(/^HTTP\/1.1 408 .*"code":"timeout"/s)
  })

  it('in one-byte pieces is whole', async () => {
    const { guard } = reading()
    const handled = app().post('/', mount('g', guard), async (c) =>
      c.text(`${c.var.g} ${(await c.req.text()).length}!`),
    )
    const socket = await dial(await listening(handled))
    socket.write(`${chunked}${chunk(1).repeat(1000)}0\r\n\r\n`)
    expect(await socket.answered(/!$/)).toMatch(/1000 1000!$/)
  })

  it('that turns out to be empty is empty for the handler too', async () => {
    const { guard } = reading()
    const handled = app().post('/', mount('g', guard), async (c) =>
      c.text(`${c.var.g} ${(await c.req.text()).length}!`),
    )
    const socket = await dial(await listening(handled))
    socket.write(`${chunked}0\r\n\r\n`)
    expect(await socket.answered(/!$/)).toMatch(/0 0!$/)
  })

  it('leaves the connection fit for the next request', async () => {
    const { guard } = reading()
    const handled = app().post('/', mount('g', guard), async (c) => c.text(`${await c.req.text()}!`))
    const socket = await dial(await listening(handled))
    socket.write(`${declared(3)}one${chunked}${chunk(3)}0\r\n\r\n${declared(0)}${declared(5)}three`)
    expect((await socket.answered(/three!$/)).match(/\w*!/g)).toEqual(['one!', 'xxx!', '!', 'three!'])
  })
})
