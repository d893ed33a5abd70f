import { type ConfigurationError, type Guard, problem } from '@latchkey/core'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { protect } from './index.js'

const limits = { maxBytes: 1000, timeoutSeconds: 5 }
const text = new TextDecoder()
const reads: Guard<string> = async (request) => ({ kind: 'pass', grant: text.decode(await request.body(limits)) })
const refuses: Guard<never> = () => ({
  kind: 'reply',
  reply: problem({ status: 401, code: 'stranger', title: 'Who are you', headers: [['www-authenticate', 'Bearer']] }),
})

const post = (body: BodyInit, headers: HeadersInit = {}) =>
  new Request('http://host.test/pay?x=1', { method: 'POST', body, headers, duplex: 'half' } as RequestInit)

describe('protect', () => {
  it('runs the handler with the grants of its guards, by name', async () => {
    const handler = protect(
      { who: () => ({ kind: 'pass', grant: 'alice' as const }), bytes: reads },
      (_request, grants) => {
        expectTypeOf(grants).toEqualTypeOf<{ readonly who: 'alice'; readonly bytes: string }>()
        return new Response(`${grants.who}: ${grants.bytes}`)
      },
    )
    expect(await (await handler(post('hello'))).text()).toBe('alice: hello')
  })

  it('answers with the refusal of a guard, byte for byte, and leaves the handler alone', async () => {
    const response = await protect({ refuses }, () => expect.fail('the handler ran'))(post('x'))
    expect(response.status).toBe(401)
    expect([...response.headers.keys()]).toEqual([
      'cache-control',
      'content-length',
      'content-type',
      'www-authenticate',
    ])
    expect(await response.json()).toMatchObject({ code: 'stranger', status: 401 })
  })

  it('hands the host’s further arguments to the handler and to remoteAddress', async () => {
    const address: Guard<string | undefined> = ({ remoteAddress }) => ({ kind: 'pass', grant: remoteAddress })
    const handler = protect(
      { address },
      (_request, grants, info: { from: string }) => new Response(`${grants.address} ${info.from}`),
      {
        remoteAddress: (_request, info) => info.from,
      },
    )
    expect(await (await handler(post('x'), { from: '192.0.2.1' })).text()).toBe('192.0.2.1 192.0.2.1')
  })

  it('tells a guard the method, the absolute URL and the header fields', async () => {
    let seen: unknown
    const looks: Guard<null> = ({ method, url, headers, remoteAddress }) => {
      seen = [
        method,
        url,
        headers.get('x-a'),
        headers.count('x-a'),
        headers.count('x-b'),
        headers.get('x-b'),
        remoteAddress,
      ]
      return { kind: 'pass', grant: null }
    }
    await protect({ looks }, () => new Response(null))(post('x', { 'X-A': '1' }))
    expect(seen).toEqual(['POST', 'http://host.test/pay?x=1', '1', 1, 0, null, undefined])
  })
})

describe('the body, after a guard has read it', () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, i) => i)

  it.each([
    ['a binary body', bytes],
    ['a byte order mark', new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d])],
    ['a stream of pieces', new Blob([bytes, bytes]).stream()],
    ['an empty body', new Uint8Array(0)],
  ])('reads the same: %s', async (_name, body) => {
    const original = body instanceof ReadableStream ? new Uint8Array([...bytes, ...bytes]) : body
    const handler = protect({ reads }, async (request) => new Response(await request.arrayBuffer()))
    expect(new Uint8Array(await (await handler(post(body as BodyInit))).arrayBuffer())).toEqual(original)
  })

  it('reads the same as form data', async () => {
    const form = new FormData()
    form.set('file', new File([bytes], 'a.bin'))
    const handler = protect({ reads }, async (request) => {
      const file = (await request.formData()).get('file') as File
      return new Response(await file.arrayBuffer())
    })
    expect(new Uint8Array(await (await handler(post(form))).arrayBuffer())).toEqual(bytes)
  })

  it('is the very request where no guard asked for the body', async () => {
    const request = post('x')
    await protect({ a: () => ({ kind: 'pass', grant: 1 }) }, (given) => {
      expect(given).toBe(request)
      return new Response(null)
    })(request)
  })

  it('names the fix where the body was read before', async () => {
    const request = post('x')
    await request.text()
    const failing = protect({ reads }, () => new Response(null))(request)
    await expect(failing).rejects.toThrow(/mount the guard before/)
    await expect(failing).rejects.toMatchObject({ code: 'body-already-read' } satisfies Partial<ConfigurationError>)
  })

  it('does not touch a body that is not there', async () => {
    const response = await protect(
      { reads },
      (request, grants) => new Response(`${request.bodyUsed} ${grants.reads.length}`),
    )(new Request('http://host.test/', { method: 'POST' }))
    expect(await response.text()).toBe('false 0')
  })
})
