import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reply, ReplyHeaders } from '../../guard.js'
import { keptHeaders } from './kept-headers.js'
import { isLiveType, replyClass } from './reply-class.js'
import { decodeNote, decodeReply, encodeNote, encodeReply } from './reply-record.js'

const reply: Reply = {
  status: 201,
  headers: [
    ['content-type', 'application/json'],
    ['location', '/charges/1'],
    ['x-name', 'caf\xe9'],
  ],
  body: Buffer.from('{"ok":true}'),
}

describe('a stored reply', () => {
  test('comes back with its length computed', () => {
    expect(decodeReply(encodeReply(reply))).toEqual({
      ...reply,
      headers: [...reply.headers, ['content-length', '11']],
      body: new Uint8Array(reply.body),
    })
  })

  test.each([204, 304])('a %d has no length', (status) => {
    const stored = { ...reply, status, body: new Uint8Array(0) }
    expect(decodeReply(encodeReply(stored))).toEqual(stored)
  })

  test('an empty body has length 0', () => {
    expect(decodeReply(encodeReply({ status: 200, headers: [], body: new Uint8Array(0) }))).toMatchObject({
      headers: [['content-length', '0']],
    })
  })

  test('any bytes come back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 599 }), fc.uint8Array({ maxLength: 2000 }), (status, body) => {
        expect(decodeReply(encodeReply({ status, headers: [], body }))).toMatchObject({ status, body })
      }),
    )
  })

  test('every flipped bit is seen', () => {
    const record = encodeReply(reply)
    for (let bit = 0; bit < record.length * 8; bit++) {
      const torn = Uint8Array.from(record)
      torn[bit >> 3]! ^= 1 << (bit & 7)
      expect(decodeReply(torn)).toBe(bit < 8 ? 'unknown-version' : 'corrupt')
    }
  })

  test('every cut is seen', () => {
    const record = encodeReply(reply)
    for (let length = 0; length < record.length; length++)
      expect(decodeReply(record.subarray(0, length))).toBe('corrupt')
  })

  test('what is no record is seen', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decodeReply(bytes)).toBeTypeOf('string')
      }),
    )
    expect(decodeReply('{"status":200}' as unknown as Uint8Array)).toBe('corrupt')
    expect(decodeReply(undefined as unknown as Uint8Array)).toBe('corrupt')
  })

  test('a note is no reply, and a reply is no note', () => {
    expect(decodeReply(encodeNote({ reason: 'live' }))).toBe('corrupt')
    expect(decodeNote(encodeReply(reply))).toBe('corrupt')
  })
})

describe('a stored note', () => {
  test.each([
    { reason: 'none' as const },
    { reason: 'too-large' as const, status: 201 },
    { reason: 'secret' as const, status: 201, location: '/keys/1' },
  ])('comes back: %o', (note) => {
    expect(decodeNote(encodeNote(note))).toEqual(note)
  })
})

describe('the header fields that are kept', () => {
  test('what belongs to one response alone is not', () => {
    const dropped = (
      'set-cookie date server content-length connection keep-alive te trailer transfer-encoding upgrade www-authenticate ' +
      'proxy-authenticate proxy-connection ratelimit ratelimit-policy x-ratelimit-remaining retry-after request-id ' +
      'x-request-id x-correlation-id traceparent tracestate access-control-allow-origin access-control-expose-headers ' +
      'idempotent-replayed idempotency-status'
    ).split(' ')
    expect(keptHeaders(dropped.map((name) => [name, '1']))).toEqual([])
  })

  test('what Connection names is not', () => {
    const headers: ReplyHeaders = [
      ['connection', 'X-Hop, close'],
      ['x-hop', '1'],
      ['x-end', '2'],
    ]
    expect(keptHeaders(headers)).toEqual([['x-end', '2']])
  })

  test('everything else is, in its order, with repetitions', () => {
    const headers: ReplyHeaders = [
      ['link', '<a>'],
      ['etag', '"1"'],
      ['link', '<b>'],
      ['content-encoding', 'gzip'],
      ['vary', 'origin'],
      ['__proto__', 'x'],
    ]
    expect(keptHeaders(headers)).toEqual(headers)
  })
})

describe('what becomes of a reply', () => {
  test('2xx, 3xx and most 4xx are stored', () => {
    const released: number[] = []
    for (let status = 200; status < 500; status++)
      if (replyClass(status, 'release') === 'release') released.push(status)
    expect(released).toEqual([401, 403, 407, 408, 409, 421, 423, 425, 429])
  })

  test('5xx are what the option says', () => {
    expect([500, 503, 599].map((status) => replyClass(status, 'release'))).toEqual(['release', 'release', 'release'])
    expect([500, 503, 599].map((status) => replyClass(status, 'store'))).toEqual(['store', 'store', 'store'])
  })

  test.each([
    ['text/event-stream', true],
    ['Text/Event-Stream; charset=utf-8', true],
    ['application/x-ndjson', true],
    ['multipart/x-mixed-replace;boundary=x', true],
    ['application/json', false],
    ['', false],
  ])('%j is live: %s', (contentType, isLive) => {
    expect(isLiveType(contentType)).toBe(isLive)
  })
})
