import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Awaitable, GuardRequest } from '../../guard.js'
import { grantLedger } from '../../sequence.js'
import { memoryStore } from '../../stores/memory.js'
import { messageHeaders } from '../message-headers.js'
import { github } from '../schemes/github.js'
import { standardWebhooks } from '../schemes/standard-webhooks.js'
import { stripe } from '../schemes/stripe.js'
import { sign } from '../sign.js'
import { signature } from '../signature.js'
import type { SignatureEvent } from '../signature-event.js'
import type { SignatureOptions } from '../signature-options.js'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const other = 'whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA='
const scheme = standardWebhooks({ secrets: [secret] })

let events: SignatureEvent['type'][] = []

beforeEach(() => {
  vi.useFakeTimers()
  events = []
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

function window(options: Partial<SignatureOptions> = {}) {
  const store = memoryStore({ now: Date.now })
  return signature({ scheme, store, observe: ({ type }) => events.push(type), ...options })
}

const signed = (id = 'msg_1', body = '{}', by: string | string[] = secret) => sign(standardWebhooks, { id, body }, by)

async function deliver(guard: ReturnType<typeof window>, headers: Record<string, string>, body = '{}') {
  const request: GuardRequest = {
    method: 'POST',
    url: 'http://localhost/hooks',
    headers: messageHeaders(headers),
    remoteAddress: undefined,
    body: async () => Buffer.from(body),
  }
  const verdict = await guard(request, grantLedger())
  if (verdict.kind === 'pass') {
    const settled = (outcome: number | 'abandoned'): Awaitable<void> => verdict.settled?.(outcome)
    return { status: 'passed' as const, settled, reply: undefined }
  }
  return { status: verdict.reply.status, settled: () => {}, reply: verdict.reply }
}

const fields = (reply: { headers: readonly (readonly [string, string])[] } | undefined) =>
  Object.fromEntries(reply?.headers ?? [])

describe('a message', () => {
  test.each([200, 204, 299])('that was answered %i is refused from then on', async (status) => {
    const guard = window()
    await (await deliver(guard, signed())).settled(status)
    const { reply } = await deliver(guard, signed())
    expect(reply?.status).toBe(409)
    expect(JSON.parse(Buffer.from(reply!.body).toString())).toMatchObject({
      code: 'signature-replayed',
      retryable: false,
    })
    expect(fields(reply)).not.toHaveProperty('retry-after')
    expect(events).toEqual(['signature.verified', 'signature.committed', 'signature.verified', 'signature.replayed'])
  })

  test.each([199, 300, 404, 500, 'abandoned'] as const)('that ended with %s is let in again', async (outcome) => {
    const guard = window()
    await (await deliver(guard, signed())).settled(outcome)
    const again = await deliver(guard, signed())
    expect(again.status).toBe('passed')
    await again.settled(200)
  })

  test('that was handled can be acknowledged in silence', async () => {
    const guard = window({ onReplay: 'acknowledge' })
    await (await deliver(guard, signed())).settled(200)
    const { reply } = await deliver(guard, signed())
    expect(reply).toMatchObject({ status: 200, body: new Uint8Array(0) })
    expect(fields(reply)).toEqual({ 'cache-control': 'no-store', 'content-length': '0' })
  })

  test('that is being handled is refused for now, however handled ones are answered', async () => {
    const guard = window({ onReplay: 'acknowledge' })
    const first = await deliver(guard, signed())
    const { reply } = await deliver(guard, signed())
    expect(reply?.status).toBe(409)
    expect(JSON.parse(Buffer.from(reply!.body).toString())).toMatchObject({
      code: 'signature-replayed',
      retryable: true,
    })
    expect(fields(reply)['retry-after']).toBe('5')
    await first.settled(500)
    await (await deliver(guard, signed())).settled(200)
  })

  test('that comes a thousand times at once is handled once', async () => {
    const guard = window()
    const headers = signed()
    const all = await Promise.all(Array.from({ length: 1000 }, () => deliver(guard, headers)))
    expect(all.filter(({ status }) => status === 'passed')).toHaveLength(1)
    for (const { settled } of all) await settled(200)
  })

  test('is forgotten when its time is up', async () => {
    const guard = window({ replayTtlSeconds: 60 })
    const headers = signed()
    await (await deliver(guard, headers)).settled(200)
    await vi.advanceTimersByTimeAsync(59_999)
    expect((await deliver(guard, headers)).status).toBe(409)
    await vi.advanceTimersByTimeAsync(1)
    await (await deliver(guard, headers)).settled(200)
  })

  test('that is forged does not use up the id of the true one', async () => {
    const guard = window()
    expect((await deliver(guard, signed('msg_1', '{}', other))).status).toBe(401)
    await (await deliver(guard, signed())).settled(200)
  })
})

describe('what a message is known by', () => {
  test('is its signed id, whatever else changes from one attempt to the next', async () => {
    const guard = window()
    await (await deliver(guard, signed())).settled(200)
    vi.setSystemTime(Date.now() + 60_000)
    expect((await deliver(guard, signed())).status).toBe(409)
    expect((await deliver(guard, signed('msg_1', '{"attempt":2}'), '{"attempt":2}')).status).toBe(409)
    await (await deliver(guard, signed('msg_2'))).settled(200)
  })

  test('is the id in a signed body, over Stripe’s retries', async () => {
    const guard = window({ scheme: stripe({ secrets: ['s'] }) })
    const attempt = (body: string) => deliver(guard, sign(stripe, { body }, 's'), body)
    await (await attempt('{"id":"evt_1"}')).settled(200)
    vi.setSystemTime(Date.now() + 60_000)
    expect((await attempt('{"id":"evt_1"}')).status).toBe(409)
    await (await attempt('{"id":"evt_2"}')).settled(200)
    await (await attempt('{}')).settled(200)
    expect((await attempt('{}')).status).toBe(409)
    vi.setSystemTime(Date.now() + 60_000)
    await (await attempt('{}')).settled(200)
  })

  test('is the computed MAC where no id is signed, never a field that anybody can change', async () => {
    const guard = window({ scheme: github({ secrets: ['s'] }) })
    const headers = sign(github, { body: '{}' }, 's')
    await (await deliver(guard, { ...headers, 'x-github-delivery': '1' })).settled(200)
    expect((await deliver(guard, { ...headers, 'x-github-delivery': '2' })).status).toBe(409)
    const capitals = `sha256=${headers['x-hub-signature-256']!.slice(7).toUpperCase()}`
    expect((await deliver(guard, { 'x-hub-signature-256': capitals })).status).toBe(409)
  })

  test('does not change when one of two signatures is stripped off', async () => {
    const both = github({ secrets: ['new', 'old'], allowLegacy: 'sha1' })
    const guard = window({ scheme: both })
    const legacy = { ...github.scheme, carriers: github.scheme.carriers.slice(1) }
    await (
      await deliver(guard, { ...sign(github, { body: '{}' }, 'new'), ...sign(legacy, { body: '{}' }, 'new') })
    ).settled(200)
    expect((await deliver(guard, sign(github, { body: '{}' }, 'old'))).status).toBe(409)
    expect((await deliver(guard, sign(legacy, { body: '{}' }, 'new'))).status).toBe(409)
  })

  test('is told apart by the secret, so that two senders in one store never meet', async () => {
    const store = memoryStore({ now: Date.now })
    const ours = window({ store })
    const theirs = window({ store, scheme: standardWebhooks({ secrets: [other] }) })
    await (await deliver(ours, signed('msg_1', '{}', secret))).settled(200)
    await (await deliver(theirs, signed('msg_1', '{}', other))).settled(200)
  })
})
