import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GuardRequest } from '../../guard.js'
import { type FingerprintOptions, fingerprintOf } from './fingerprint.js'

interface Sent {
  method?: string
  url?: string
  headers?: Record<string, string>
  body?: string
}

const json = { 'content-type': 'application/json' }
const defaults: FingerprintOptions = { body: 'json', headers: [], secret: undefined }

function fingerprint(sent: Sent, options: Partial<FingerprintOptions> = {}): string {
  const headers = new Map(Object.entries(sent.headers ?? {}))
  const request: GuardRequest = {
    method: sent.method ?? 'POST',
    url: sent.url ?? 'http://api.test/pay',
    headers: { get: (name) => headers.get(name) ?? null, count: (name) => (headers.has(name) ? 1 : 0) },
    remoteAddress: undefined,
    body: () => Promise.reject(new Error('not asked for')),
  }
  return fingerprintOf(request, Buffer.from(sent.body ?? '', 'latin1'), { ...defaults, ...options }) as string
}

const form = (boundary: string, name: string, value: string) => ({
  headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  body: `--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${value}\r\n--${boundary}--\r\n`,
})

describe('two requests ask for the same', () => {
  test.each<[string, Sent, Sent]>([
    ['whatever the host', { url: 'http://a.test/pay?x=1' }, { url: 'https://b.test:8443/pay?x=1' }],
    [
      'whatever the parameters of the type',
      { headers: { 'content-type': 'text/plain' } },
      { headers: { 'content-type': 'Text/Plain; charset=utf-8' } },
    ],
    [
      'with JSON members in another order',
      { headers: json, body: '{"a":1,"b":2}' },
      { headers: json, body: '{ "b":2, "a":1 }' },
    ],
    [
      'with +json members in another order',
      { headers: { 'content-type': 'application/vnd.api+json' }, body: '{"a":1,"b":2}' },
      { headers: { 'content-type': 'application/vnd.api+json' }, body: '{"b":2,"a":1}' },
    ],
    ['with another boundary', form('B', 'x.txt', '1'), form('C', 'x.txt', '1')],
    ['with another header that is not named', { headers: { 'user-agent': 'a' } }, { headers: { 'user-agent': 'b' } }],
  ])('%s', (_, a, b) => {
    expect(fingerprint(a)).toBe(fingerprint(b))
  })
})

describe('two requests do not ask for the same', () => {
  test.each<[string, Sent, Sent]>([
    ['on another method', { method: 'POST' }, { method: 'PATCH' }],
    ['on another path', { url: 'http://a.test/pay' }, { url: 'http://a.test/refund' }],
    ['on a path in another case', { url: 'http://a.test/pay' }, { url: 'http://a.test/Pay' }],
    ['with a dot segment', { url: 'http://a.test/a/../pay' }, { url: 'http://a.test/pay' }],
    ['with another escape', { url: 'http://a.test/p%61y' }, { url: 'http://a.test/pay' }],
    ['with another query', { url: 'http://a.test/pay?x=1' }, { url: 'http://a.test/pay?x=2' }],
    ['with parameters in another order', { url: 'http://a.test/?a=1&b=2' }, { url: 'http://a.test/?b=2&a=1' }],
    ['with a question mark in the path', { url: 'http://a.test/pay%3Fx' }, { url: 'http://a.test/pay?x' }],
    ['with another type', { headers: { 'content-type': 'text/plain' } }, { headers: { 'content-type': 'text/html' } }],
    ['with another number text', { headers: json, body: '[1]' }, { headers: json, body: '[1.0]' }],
    [
      'with numbers that one double holds',
      { headers: json, body: '[9007199254740992]' },
      { headers: json, body: '[9007199254740993]' },
    ],
    ['with a number as text', { headers: json, body: '[1]' }, { headers: json, body: '["1"]' }],
    ['with another escape in a string', { headers: json, body: '["A"]' }, { headers: json, body: '["\\u0041"]' }],
    ['with a name twice', { headers: json, body: '{"a":1,"a":2}' }, { headers: json, body: '{"a":2,"a":1}' }],
    [
      'with another order in what is no JSON',
      { headers: { 'content-type': 'text/plain' }, body: '{"a":1,"b":2}' },
      { headers: { 'content-type': 'text/plain' }, body: '{"b":2,"a":1}' },
    ],
    [
      'with a content coding',
      { headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' },
      { headers: json, body: '{}' },
    ],
    [
      'with an empty content coding',
      { headers: { ...json, 'content-encoding': '' }, body: '{}' },
      { headers: json, body: '{}' },
    ],
    [
      'with a content coding, members in another order',
      { headers: { ...json, 'content-encoding': 'identity' }, body: '{"a":1,"b":2}' },
      { headers: { ...json, 'content-encoding': 'identity' }, body: '{"b":2,"a":1}' },
    ],
    ['with another file name', form('B', 'x.txt', '1'), form('B', 'y.txt', '1')],
    ['with other bytes in a part', form('B', 'x.txt', '1'), form('B', 'x.txt', '2')],
    ['with a malformed form', { ...form('B', 'x.txt', '1'), body: 'x' }, { ...form('B', 'x.txt', '1'), body: 'y' }],
    ['in bytes that come late', { body: `${'x'.repeat(1e6)}1` }, { body: `${'x'.repeat(1e6)}2` }],
  ])('%s', (_, a, b) => {
    expect(fingerprint(a)).not.toBe(fingerprint(b))
  })
})

describe('the options of a fingerprint', () => {
  const a = { headers: { ...json, 'x-version': '1' }, body: '{"a":1,"b":2}' }

  test('raw takes the bytes', () => {
    expect(fingerprint(a, { body: 'raw' })).not.toBe(fingerprint({ ...a, body: '{"b":2,"a":1}' }, { body: 'raw' }))
  })

  test('a named header counts, and so does its absence', () => {
    const options = { headers: ['x-version'] }
    expect(fingerprint(a, options)).not.toBe(fingerprint({ ...a, headers: { ...json, 'x-version': '2' } }, options))
    expect(fingerprint({ ...a, headers: { ...json, 'x-version': '' } }, options)).not.toBe(
      fingerprint({ ...a, headers: json }, options),
    )
  })

  test('a function stands for the body and for nothing else', async () => {
    const options = { body: (_: GuardRequest, body: Uint8Array) => String(body.length) }
    expect(await fingerprint(a, options)).toBe(await fingerprint({ ...a, body: '{"a":3,"b":4}' }, options))
    expect(await fingerprint(a, options)).not.toBe(await fingerprint({ ...a, method: 'PATCH' }, options))
  })

  test('a function that answers neither text nor bytes is a configuration error', async () => {
    const options = { body: () => undefined as unknown as string }
    await expect(fingerprint(a, options)).rejects.toMatchObject({ code: 'invalid-option' })
  })

  test('a secret changes every fingerprint', () => {
    expect(fingerprint(a, { secret: 'a secret of 16 bytes' })).not.toBe(fingerprint(a))
  })

  test('no URL makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), (url) => {
        expect(fingerprint({ url })).toHaveLength(43)
      }),
    )
  })
})
