import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { absoluteUrl, hostOf } from './address.js'
import { head, serve, text, wire } from './host.test.kit.js'
import { NodeRequest } from './request.js'

const origin = { url: () => 'http://test/', remoteAddress: () => '127.0.0.1' }

test('field lines are joined and counted as they came on the wire', async () => {
  const port = await serve(
    [
      ({ headers }) => {
        const seen = ['authorization', 'x-key', 'cookie', 'x-none'].map((name) => [
          headers.get(name),
          headers.count(name),
        ])
        return { kind: 'reply', reply: text(200, `<${JSON.stringify(seen)}>`) }
      },
    ],
    () => {},
  )
  const fields = ['Authorization: a', 'AUTHORIZATION: b', 'X-Key:  padded  ', 'Cookie: c=1', 'Cookie: d=2']
  const seen = /<(.*)>/.exec(await wire(port, head('GET /', ...fields)).until('>'))?.[1]
  expect(JSON.parse(seen ?? '')).toEqual([
    ['a, b', 2],
    ['padded', 1],
    ['c=1, d=2', 2],
    [null, 0],
  ])
})

test('where a host has no wire, the parsed fields count', () => {
  const req = new IncomingMessage(new Socket())
  Object.assign(req.headers, { 'x-key': 'k', 'set-cookie': ['a', 'b'] })
  const { headers } = new NodeRequest(req, new ServerResponse(req), origin)
  expect([headers.get('x-key'), headers.count('set-cookie'), headers.get('host')]).toEqual(['k', 2, null])
})

test('the method is the one on the wire, whatever overrode it', () => {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { method: 'DELETE', originalMethod: 'POST' })
  expect(new NodeRequest(req, new ServerResponse(req), origin).method).toBe('POST')
})

test.each([
  ['https', 'api.test', '/a?b=c', 'https://api.test/a?b=c'],
  ['http', 'api.test:8080', '//a/%2e%2e/b', 'http://api.test:8080//a/%2e%2e/b'],
  ['http', '[::1]:3000', '/', 'http://[::1]:3000/'],
  ['http', 'api.test', 'http://other.test/a', 'http://other.test/a'],
  ['http', 'api.test', 'https://other.test/a', 'http://other.test/a'],
  ['https', 'api.test', 'HTTP://other.test/a', 'https://other.test/a'],
  ['http', 'api.test', '*', 'http://api.test/*'],
  ['http', '', '/a', 'http://invalid./a'],
  ['http', 'a b', '/a', 'http://invalid./a'],
  ['http', 'a/b?', '/a', 'http://invalid./a'],
  ['http', 'user@host', '/a', 'http://invalid./a'],
  ['http', '[::1', '/a', 'http://invalid./a'],
  ['http', 'host:99999', '/a', 'http://invalid./a'],
  ['http', '\u00e9\u0000', '/a', 'http://invalid./a'],
])('the URL of %s, %j and %j is %s', (protocol, host, target, url) => {
  expect(absoluteUrl(protocol, host, target)).toBe(url)
  expect(URL.canParse(url)).toBe(true)
})

test('a forwarded host counts where the proxy is trusted', () => {
  const req = new IncomingMessage(new Socket())
  Object.assign(req.headers, { host: 'inner', 'x-forwarded-host': 'outer:8443, proxy' })
  expect([hostOf(req, false), hostOf(req, true)]).toEqual(['inner', 'outer:8443'])
})
