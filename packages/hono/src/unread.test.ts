import { idempotency, memoryStore } from '@latchkey/core'
import { type Context, Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { hosts } from './hosts.test.kit.js'
import { mount } from './index.js'

const kinds: Readonly<Record<string, (c: Context) => Response | Promise<Response>>> = {
  json: (c) => c.json({ paid: 'é' }, 201),
  'json with a field of its own': (c) => c.json({}, 202, { 'X-Own': 'a', Location: '/1' }),
  text: (c) => c.text('paid'),
  'text with no letter in it': (c) => c.text('', 200, { 'x-own': 'a' }),
  'half a surrogate pair': (c) => c.text('\ud800', 201),
  bytes: (c) => c.body(new Uint8Array([0, 255]), 200, { 'content-type': 'application/octet-stream' }),
  'bytes without a type': (c) => c.body(new Uint8Array([1]), 200),
  'a field whose value has blanks around it': (c) => c.json({}, 201, { 'x-own': ' a ' }),
  'one name in two cases': () => new Response('a', { headers: { 'X-Own': 'a', 'x-own': 'b', 'content-type': 'a/b' } }),
  'a redirect': (c) => c.redirect('/there', 303),
  nothing: (c) => c.body(null, 204),
  'two cookies': (c) => {
    c.header('set-cookie', 'a=1', { append: true })
    c.header('set-cookie', 'b=2', { append: true })
    return c.json({}, 201)
  },
  'a Response': () => new Response('raw', { status: 201 }),
  'a Response that was looked into': async () => {
    const response = new Response('raw', { status: 201 })
    return response.body === null ? expect.fail('no body') : response
  },
  'a stream': () => new Response(new Blob(['in', 'pieces']).stream(), { headers: { 'content-type': 'text/plain' } }),
}

describe.each(hosts)('on %s', (_host, on) => {
  it.each(Object.entries(kinds))('%s is captured as it is sent', async (_kind, handler) => {
    const guard = idempotency({ store: memoryStore(), scope: 'everyone' })
    const send = await on(new Hono().post('/', mount('idempotency', guard), handler))
    const seen = async () => {
      const response = await send('/', { method: 'POST', headers: { 'idempotency-key': 'k' } })
      const fields = [...response.headers].filter(([name]) => !/^(connection|date|keep-alive|set-cookie)$/.test(name))
      return { status: response.status, fields, body: [...new Uint8Array(await response.arrayBuffer())] }
    }
    const first = await seen()
    const again = await seen()
    const unmarked = again.fields.filter(([name]) => name !== 'idempotent-replayed')
    expect(again.fields.length).toBe(unmarked.length + 1)
    expect({ ...again, fields: unmarked }).toEqual(first)
  })
})
