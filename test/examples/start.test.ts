import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tokenBytes } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { overSharedStores } from '../processes/shared-stores.js'
import { type ExampleProcess, exampleProcess, takenPort } from './example-process.js'

vi.setConfig({ testTimeout: 60_000 })

let env: { DATABASE_FILE: string; WEBHOOK_SECRET: string }
let folder: string
let started: ExampleProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'latchkey-start-'))
  const webhookSecret = `whsec_${Buffer.from(tokenBytes(32)).toString('base64')}`
  env = { DATABASE_FILE: join(folder, 'payments.db'), WEBHOOK_SECRET: webhookSecret }
  started = []
})

afterEach(async () => {
  await Promise.all(started.map((each) => each.stop('SIGKILL')))
  rmSync(folder, { recursive: true })
})

function run(path: string, ...args: string[]): ExampleProcess {
  const running = exampleProcess(path, args, env)
  started.push(running)
  return running
}

const start = (...args: string[]) => run('scripts/start.mjs', ...args)

/** Starts an example on a free port; answers what it has printed, and its address, once it listens. */
async function serve(framework: string, ...args: string[]) {
  const running = start('--framework', framework, '--port', '0', ...args)
  await running.says('listens on http://')
  const output = running.output()
  return { output, url: /listens on (\S+)/.exec(output)![1]!, stop: running.stop }
}

const keysIn = (output: string) => [...new Set(output.match(/acme_live_\w+/g))]

describe.each(['express', 'koa', 'hono'])('npm start -- --framework %s', (framework) => {
  it('shows two keys on the first start and none later, serves, and ends with 0 when it is told to', async () => {
    const first = await serve(framework)
    const [writer, reader, ...others] = keysIn(first.output)
    expect(others).toEqual([])
    expect(first.output).toContain(`reads and writes  ${writer}`)
    expect(first.output).toContain(`reads only        ${reader}`)
    expect(first.output).toContain(`curl -i ${first.url}/v1/payments -H 'authorization: Bearer ${reader}'`)
    expect(await pay(first.url, writer!)).toBe(201)
    expect(await pay(first.url, reader!)).toBe(403)
    expect(await first.stop('SIGTERM')).toBe(0)

    const second = await serve(framework)
    expect(keysIn(second.output)).toEqual([])
    expect(second.output).toContain('start with -- --new-keys')
    expect(second.output).toContain(`curl -i ${second.url}/v1/payments -H "authorization: Bearer $READER"`)
    expect(await pay(second.url, writer!)).toBe(201)
    expect(await second.stop('SIGINT')).toBe(0)
  })

  it('says so where the port is taken, with exit code 1, and mints no key', async () => {
    const { port, free } = await takenPort()
    const running = start('--framework', framework, '--port', port)
    expect(await running.ended).toBe(1)
    expect(running.errors()).toContain(`Port ${port} cannot be used: listen EADDRINUSE`)
    expect(running.output()).toBe('')
    expect(existsSync(env.DATABASE_FILE)).toBe(false)
    free()
  })

  it('is a server that says so itself where the port is taken', async () => {
    const { port, free } = await takenPort()
    const server = exampleProcess(`examples/${framework}/dist/server.js`, [], { ...env, PORT: port })
    expect(await server.ended).toBe(1)
    expect(server.errors()).toMatch(/^\w+ cannot start: listen EADDRINUSE.*\n$/)
    expect(server.output()).toBe('')
    free()
  })
})

overSharedStores('npm start -- --store', (shared) => {
  it.each(['express', 'koa', 'hono'])(
    'serves with %s, prints what it always prints, and replays',
    async (framework) => {
      const { output, url, stop } = await serve(framework, '--store', shared().url, '--new-keys')
      const [writer, reader, ...others] = keysIn(output)
      expect(others).toEqual([])
      expect(output).toMatch(/^Two API keys were minted into \S+\. They are shown this once:\n/)
      expect(output).toContain(`curl -i ${url}/v1/payments -H 'authorization: Bearer ${reader}'`)
      const key = `order-${framework}`
      const first = await send(url, writer!, key)
      const second = await send(url, writer!, key)
      expect([first.status, second.status, second.headers.get('idempotent-replayed')]).toEqual([201, 201, 'true'])
      const payment = await first.json()
      expect(await second.json()).toEqual(payment)
      const headers = { authorization: `Bearer ${reader}` }
      const list = await (await fetch(`${url}/v1/payments`, { headers })).json()
      expect(list.payments[0]).toEqual({ ...payment, amount: 1200, currency: 'eur', status: 'pending' })
      expect((await (await fetch(url + first.headers.get('location'), { headers })).json()).id).toBe(payment.id)
      expect((await send(url, writer!, `${key}-refund`, `/v1/payments/${payment.id}/refunds`)).status).toBe(201)
      expect(await stop('SIGTERM')).toBe(0)
    },
  )

  it('shows no keys where the store has some', async () => {
    const first = await serve('express', '--store', shared().url)
    await first.stop('SIGTERM')
    const second = await serve('hono', '--store', shared().url)
    expect(keysIn(second.output)).toEqual([])
    expect(second.output).toContain('holds API keys already')
    expect(await second.stop('SIGTERM')).toBe(0)
  })
})

it.each(['redis://somebody:secret@127.0.0.1:1', 'postgres://somebody:secret@127.0.0.1:1/payments'])(
  'npm start -- --store %s, where nobody listens, says so without the password and ends with 1',
  async (url) => {
    const running = start('--port', '0', '--store', url)
    expect(await running.ended).toBe(1)
    expect(running.errors()).toContain('127.0.0.1:1')
    expect(running.errors()).toContain('cannot be used: ')
    expect(running.errors() + running.output()).not.toContain('secret')
  },
)

it('a store that there is no example of is refused with exit code 2', async () => {
  const running = start('--store', 'mongodb://127.0.0.1')
  expect(await running.ended).toBe(2)
  expect(running.errors()).toContain('--store must be sqlite:<file>, redis://… or postgres://…')
})

it('npm start -- --new-keys shows two more keys', async () => {
  const first = await serve('express')
  await first.stop('SIGTERM')
  const second = await serve('express', '--new-keys')
  const keys = keysIn(first.output + second.output)
  expect(keys).toHaveLength(4)
  expect(await pay(second.url, keys[0]!)).toBe(201)
  expect(await pay(second.url, keys[2]!)).toBe(201)
})

it('a framework that there is no example of is refused with exit code 2', async () => {
  const running = start('--framework', 'fastify')
  expect(await running.ended).toBe(2)
  expect(running.errors()).toContain('--framework must be one of express, koa, hono, not fastify')
})

async function pay(url: string, key: string): Promise<number> {
  return (await send(url, key, 'order-1')).status
}

function send(url: string, key: string, idempotencyKey: string, path = '/v1/payments'): Promise<Response> {
  const headers = {
    authorization: `Bearer ${key}`,
    'idempotency-key': idempotencyKey,
    'content-type': 'application/json',
  }
  return fetch(url + path, { method: 'POST', headers, body: '{"amount":1200,"currency":"eur"}' })
}
