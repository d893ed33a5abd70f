import type { Capture, Guard, Reply } from '@latchkey/core'
import { describe, expect, it } from 'vitest'
import { protect } from './index.js'

const text = new TextDecoder()

/** A guard that captures, and what it was told. */
function captures(answers: Partial<Capture> = {}): { guard: Guard<null>; told: unknown[] } {
  const told: unknown[] = []
  const capture: Capture = {
    maxBytes: 64,
    holds: () => true,
    settle: ({ status, body }) => {
      told.push(`settle ${status} ${text.decode(body)}`)
      return undefined
    },
    abandon: (reason, head) => {
      told.push(`abandon ${reason} ${head?.status}`)
      return undefined
    },
    ...answers,
  }
  return {
    told,
    guard: () => ({
      kind: 'pass',
      grant: null,
      capture,
      settled: async (outcome) => {
        told.push(`settled ${outcome}`)
      },
    }),
  }
}

const post = (body: BodyInit, headers: HeadersInit = {}) =>
  new Request('http://host.test/pay?x=1', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)
const instead: Reply = {
  status: 409,
  headers: [['content-type', 'text/plain']],
  body: new TextEncoder().encode('stale'),
}

describe('the reply of the handler', () => {
  it('is told whole before it is sent, and then its status', async () => {
    const { guard, told } = captures()
    const response = await protect({ guard }, () => Response.json({ a: 1 }, { status: 201 }))(post('x'))
    expect(told).toEqual(['settle 201 {"a":1}', 'settled 201'])
    expect(await response.json()).toEqual({ a: 1 })
    expect(response.headers.get('content-length')).toBe('7')
  })

  it.each([204, 205, 304])('of a status without a body is sent as it was: %d', async (status) => {
    const { guard, told } = captures()
    const response = await protect({ guard }, () => new Response(null, { status }))(post('x'))
    expect(told).toEqual([`settle ${status} `, `settled ${status}`])
    expect(response.status).toBe(status)
    expect(response.body).toBeNull()
    expect(response.headers.has('content-length')).toBe(false)
  })

  it('keeps every cookie on a line of its own', async () => {
    let headers: Reply['headers'] = []
    const { guard } = captures({
      settle: (reply) => {
        headers = reply.headers
        return undefined
      },
    })
    const cookies = ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2']
    const response = await protect({ guard }, () => {
      const own = new Headers({ 'x-own': 'y' })
      for (const cookie of cookies) own.append('set-cookie', cookie)
      return new Response('x', { headers: own })
    })(post('x'))
    expect(headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)).toEqual(cookies)
    expect(response.headers.getSetCookie()).toEqual(cookies)
  })

  it('is replaced by the reply that the guard gives in its place', async () => {
    const { guard, told } = captures({ settle: () => instead })
    const response = await protect({ guard }, () => new Response('mine', { status: 201 }))(post('x'))
    expect([response.status, await response.text(), ...told]).toEqual([409, 'stale', 'settled 409'])
  })

  it('is a stranger to the guard where the handler throws', async () => {
    const { guard, told } = captures()
    await expect(protect({ guard }, () => Promise.reject('boom'))(post('x'))).rejects.toBe('boom')
    expect(told).toEqual(['abandon none undefined', 'settled abandoned'])
  })

  it('may come from the guard where the handler throws', async () => {
    const { guard, told } = captures({ abandon: () => instead })
    const response = await protect({ guard }, () => Promise.reject(new Error('boom')))(post('x'))
    expect([response.status, ...told]).toEqual([409, 'settled 409'])
  })

  it('loses the fields that only the guard may set, and gains the guard’s own', async () => {
    const guard: Guard<null> = () => ({
      kind: 'pass',
      grant: null,
      strip: ['x-marker'],
      headers: [
        ['vary', 'authorization, x-key'],
        ['x-own', 'guard'],
        ['x-new', 'guard'],
      ],
    })
    const response = await protect(
      { guard },
      () => new Response('x', { headers: { 'x-marker': 'forged', vary: 'accept, X-Key', 'x-own': 'handler' } }),
    )(post('x'))
    expect(Object.fromEntries(response.headers)).toMatchObject({
      vary: 'accept, X-Key, authorization',
      'x-own': 'handler',
      'x-new': 'guard',
    })
    expect(response.headers.has('x-marker')).toBe(false)
  })

  it('may have headers that the host has made immutable', async () => {
    const guard: Guard<null> = () => ({ kind: 'pass', grant: null, headers: [['vary', 'authorization']] })
    const response = await protect({ guard }, () => Response.redirect('http://elsewhere.test/', 303))(post('x'))
    expect([response.status, response.headers.get('location'), response.headers.get('vary')]).toEqual([
      303,
      'http://elsewhere.test/',
      'authorization',
    ])
  })

  it('is left alone where it cannot be taken apart', async () => {
    const { guard, told } = captures()
    const read = new Response('x')
    await read.text()
    expect(await protect({ guard }, () => read)(post('x'))).toBe(read)
    expect(told).toEqual(['abandon unseen undefined', 'settled 200'])
  })
})

describe('a reply that is not held', () => {
  const endless = (seen: string[]): ReadableStream<Uint8Array> =>
    new ReadableStream(
      {
        pull: (controller) => {
          seen.push('pulled')
          controller.enqueue(new Uint8Array(40))
        },
        cancel: () => {
          seen.push('cancelled')
        },
      },
      { highWaterMark: 0 },
    )

  it('streams on what was held and then the rest, at the reader’s pace, when it grows over the limit', async () => {
    const { guard, told } = captures()
    const seen: string[] = []
    const response = await protect({ guard }, () => new Response(endless(seen)))(post('x'))
    expect(told).toEqual(['abandon too-large 200', 'settled 200'])
    expect(seen).toEqual(['pulled', 'pulled'])
    const reader = response.body!.getReader()
    expect([(await reader.read()).value?.length, (await reader.read()).value?.length]).toEqual([80, 40])
    await reader.cancel()
    expect(seen).toEqual(['pulled', 'pulled', 'pulled', 'cancelled'])
  })

  it('is not read at all when it declares more than the limit', async () => {
    const { guard, told } = captures()
    const seen: string[] = []
    await protect({ guard }, () => new Response(endless(seen), { headers: { 'content-length': '65' } }))(post('x'))
    expect([told, seen]).toEqual([['abandon too-large 200', 'settled 200'], []])
  })

  it('streams on untouched when the guard declines its head', async () => {
    const { guard, told } = captures({
      holds: ({ headers }) => !headers.some(([, value]) => value === 'text/event-stream'),
    })
    const events = new Response('data: 1\n\n', { headers: { 'content-type': 'text/event-stream' } })
    expect(await protect({ guard }, () => events)(post('x'))).toBe(events)
    expect(told).toEqual(['abandon live 200', 'settled 200'])
  })

  it('is cancelled when the guard answers in its place', async () => {
    const { guard } = captures({ abandon: () => instead })
    const seen: string[] = []
    const response = await protect({ guard }, () => new Response(endless(seen)))(post('x'))
    expect([response.status, seen.at(-1)]).toEqual([409, 'cancelled'])
  })

  it('breaks off as it would have without the guard, and is never settled, when its stream fails', async () => {
    const { guard, told } = captures()
    let pulls = 0
    const broken = new ReadableStream({
      pull: (controller) =>
        pulls++ === 0 ? controller.enqueue(new Uint8Array(3)) : controller.error(new Error('torn')),
    })
    const response = await protect({ guard }, () => new Response(broken))(post('x'))
    expect(told).toEqual(['abandon closed 200', 'settled abandoned'])
    const reader = response.body!.getReader()
    expect((await reader.read()).value?.length).toBe(3)
    await expect(reader.read()).rejects.toMatchObject({
      message: 'The response stream broke off',
      cause: new Error('torn'),
    })
  })
})
