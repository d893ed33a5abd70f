import type { Guard } from '@latchkey/core'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { expect, it } from 'vitest'
import { listening } from './hosts.test.kit.js'
import { mount } from './index.js'

// In a file of its own: a server that was started with the default replaces the globals for good.
it('guards and handlers read the same where Node’s server leaves the globals alone', async () => {
  const native = globalThis.Request
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i * 7)
  const reading: Guard<Uint8Array> = async (request) => ({
    kind: 'pass',
    grant: await request.body({ maxBytes: 100_000, timeoutSeconds: 5 }),
  })
  const app = new Hono()
    .use('/limited', bodyLimit({ maxSize: 80_000 }))
    .post('/*', mount('seen', reading), async (c) =>
      c.json([Buffer.compare(c.var.seen, bytes), Buffer.compare(new Uint8Array(await c.req.arrayBuffer()), bytes)]),
    )
  const port = await listening(app, false)
  expect(globalThis.Request).toBe(native)
  for (const path of ['plain', 'limited']) {
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method: 'POST', body: bytes })
    expect(await response.json()).toEqual([0, 0])
  }
})
