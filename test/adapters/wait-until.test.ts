import { apiKey, apiKeys, type Guard, github, idempotency, memoryStore, type Store, signature } from '@latchkey/core'
import { protect } from '@latchkey/fetch'
import { mount } from '@latchkey/hono'
import { faultyStore, signedMessage } from '@latchkey/testing'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { gate } from './recording.js'

/** A host that ends with its response, but for what it is asked to wait for. */
class Host {
  readonly works: Promise<unknown>[] = []
  readonly waitUntil = (work: Promise<unknown>): void => void this.works.push(work)

  /** Resolves when nothing is left to wait for. */
  async ended(): Promise<void> {
    while (this.works.length > 0) await this.works.shift()
  }
}

type Handler = () => Response | Promise<Response>

/** A handler behind one guard, as it is called on such a host. */
const adapters: Readonly<Record<string, (guard: Guard<unknown>, handler: Handler, host: Host) => typeof fetch>> = {
  '@latchkey/fetch': (guard, handler, { waitUntil }) => {
    const guarded = protect({ guard }, handler, { waitUntil: (work) => waitUntil(work) })
    return (input, init) => guarded(new Request(input, init))
  },
  '@latchkey/hono': (guard, handler, { waitUntil }) => {
    const app = new Hono().post('/', mount('guard', guard), handler)
    const execution = { waitUntil, passThroughOnException: () => undefined, props: {} }
    return async (input, init) => app.fetch(new Request(input, init), {}, execution)
  },
}

const url = 'http://localhost/'
const keyed = { method: 'POST', body: '{}', headers: { 'idempotency-key': 'one' } }

/** The store, every call of which is answered later. */
function later(store: Store): Store {
  const keys = new Proxy(store.keys, {
    get: (target, name) => {
      const method = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return async (...given: unknown[]) => Reflect.apply(method, target, given)
    },
  })
  return { ...store, keys }
}

describe.each(Object.entries(adapters))('a host that ends with its response waits on %s', (_name, on) => {
  test('for the handler, whose client may have gone', async () => {
    const host = new Host()
    const finish = gate<Response>()
    const call = on(idempotency({ store: memoryStore(), scope: 'everyone' }), () => finish.passed, host)
    const answer = call(url, keyed)
    await expect.poll(() => host.works.length).toBeGreaterThan(0)
    finish.open(new Response('done'))
    await host.ended()
    expect(await (await answer).text()).toBe('done')
  })

  test('for a settlement that the store did not take at first', async () => {
    const host = new Host()
    const { store, inject } = faultyStore(memoryStore())
    const call = on(idempotency({ store, scope: 'everyone' }), () => new Response('done'), host)
    inject('idempotency.settle', 'fail')
    expect((await call(url, keyed)).status).toBe(200)
    expect((await call(url, keyed)).status).toBe(409)
    inject('idempotency.settle', 'ok')
    await host.ended()
    expect((await call(url, keyed)).headers.get('idempotent-replayed')).toBe('true')
  })

  test('for the end of a message that the store did not take at first', async () => {
    const host = new Host()
    const { store, inject } = faultyStore(memoryStore())
    const secret = "It's a Secret to Everybody"
    const scheme = github({ secrets: [secret] })
    let status = 500
    const call = on(signature({ scheme, store }), () => new Response(null, { status }), host)
    const message = signedMessage(scheme, { secret, body: '{}' })
    const send = () => call(url, { method: 'POST', headers: { ...message.headers }, body: '{}' })
    inject('replay.release', 'fail')
    expect((await send()).status).toBe(500)
    status = 204
    expect((await send()).status).toBe(409)
    inject('replay.release', 'ok')
    await host.ended()
    expect((await send()).status).toBe(204)
  })

  test('for the last use of a key', async () => {
    const host = new Host()
    const store = memoryStore()
    const keys = apiKeys({ store: later(store), prefix: 'acme' })
    const { key, info } = await keys.issue({ ownerId: 'alice' })
    const call = on(apiKey({ keys }), () => new Response('done'), host)
    expect((await call(url, { method: 'POST', headers: { 'x-api-key': key } })).status).toBe(200)
    expect(host.works).not.toEqual([])
    await host.ended()
    expect(await store.keys.find(info.id)).toMatchObject({ lastUsedAtMs: expect.any(Number) })
  })
})
