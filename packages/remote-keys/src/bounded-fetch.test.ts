import { afterEach, expect, test, vi } from 'vitest'
import { boundedFetch } from './bounded-fetch.js'
import { hosts } from './key-host.test.kit.js'

const url = 'https://keys.test/one'
const bounds = { timeoutMs: 1000, maxBytes: 100 }

afterEach(() => vi.useRealTimers())

test('an answer comes with its status, which may say that there is no such key', async () => {
  const fetch = hosts({ [url]: 'abc' })
  expect(await boundedFetch({ url }, { ...bounds, fetch })).toEqual({ status: 200, bytes: Buffer.from('abc') })
  for (const status of [400, 404, 410]) {
    expect(await boundedFetch({ url }, { ...bounds, fetch: hosts({ [url]: status }) })).toMatchObject({ status })
  }
})

test.each([301, 302, 307, 308, 401, 403, 429, 500, 502, 503])('%i says nothing about a key', async (status) => {
  const answer = new Response(null, { status, headers: { location: 'https://evil.test/' } })
  const fetch = hosts({ [url]: answer, 'https://evil.test/': 'abc' })
  await expect(boundedFetch({ url }, { ...bounds, fetch })).rejects.toMatchObject({ fault: 'status' })
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('no redirect is followed, and a question is posted as JSON', async () => {
  const fetch = hosts({ [url]: 'abc' })
  await boundedFetch({ url }, { ...bounds, fetch })
  await boundedFetch({ url, json: '{}' }, { ...bounds, fetch })
  const signal = expect.any(AbortSignal)
  expect(fetch.mock.calls).toEqual([
    [url, { method: 'GET', redirect: 'manual', signal }],
    [url, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' }, redirect: 'manual', signal }],
  ])
})

test('an answer of as much as is allowed is read, and one byte more is cut off', async () => {
  const cancelled = vi.fn()
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(60)),
        cancel: cancelled,
      }),
    )
  const exact = await boundedFetch({ url }, { ...bounds, fetch: hosts({ [url]: 'x'.repeat(100) }) })
  expect(exact.bytes).toHaveLength(100)
  const error = expect.objectContaining({ fault: 'too-large' })
  await expect(boundedFetch({ url }, { ...bounds, fetch: hosts({ [url]: 'x'.repeat(101) }) })).rejects.toEqual(error)
  await expect(boundedFetch({ url }, { ...bounds, fetch: async () => endless() })).rejects.toEqual(error)
  expect(cancelled).toHaveBeenCalledTimes(1)
})

test('a host that cannot be reached is an error that names the host, and keeps the cause', async () => {
  const cause = new TypeError('fetch failed')
  const failing = boundedFetch({ url: `${url}?token=secret` }, { ...bounds, fetch: () => Promise.reject(cause) })
  await expect(failing).rejects.toMatchObject({ fault: 'unreachable', message: 'keys.test cannot be reached', cause })
})

test.each<[string, typeof fetch]>([
  ['never answers', () => new Promise(() => {})],
  [
    'never ends',
    async () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })),
  ],
])('a host that %s is left when its time is up, whether or not fetch heeds its signal', async (_, fetch) => {
  vi.useFakeTimers()
  const heeded = vi.fn()
  const spied: typeof fetch = (input, init) => {
    init?.signal?.addEventListener('abort', heeded)
    return fetch(input, init)
  }
  const failing = expect(boundedFetch({ url }, { ...bounds, fetch: spied })).rejects.toMatchObject({ fault: 'timeout' })
  await vi.advanceTimersByTimeAsync(999)
  expect(heeded).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  await failing
  expect(heeded).toHaveBeenCalledTimes(1)
  expect(vi.getTimerCount()).toBe(0)
})
