import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tokenBytes } from '@latchkey/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ExampleProcess, exampleProcess, takenPort } from './example-process.js'

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
  const headers = { authorization: `Bearer ${key}`, 'idempotency-key': 'order-1', 'content-type': 'application/json' }
  const body = '{"amount":1200,"currency":"eur"}'
  return (await fetch(`${url}/v1/payments`, { method: 'POST', headers, body })).status
}
