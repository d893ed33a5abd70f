import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { apiKeys, keyRedactor, memoryStore, redactPaths, signaturePresets } from '@latchkey/core'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'

const canary = 'canary-0f6c'
const secrets = [
  'authorization',
  'proxy-authorization',
  'cookie',
  'x-api-key',
  'idempotency-key',
  'x-acme-key',
] as const
const signatures = ['x-hub-signature', 'x-hub-signature-256', 'stripe-signature', 'x-slack-signature']
const fields = [...secrets, ...signatures, 'webhook-signature', 'svix-signature', 'x-gitlab-token']
const sent = Object.fromEntries(fields.map((field, index) => [field, `${canary}-${index}`]))

/** A logger with our paths, and the lines that it wrote. */
function logger(options: object = { redact: redactPaths('X-Acme-Key') }) {
  const lines: string[] = []
  return { log: pino(options, { write: (line) => void lines.push(line) }), lines }
}

const { log, lines } = logger({ redact: redactPaths('X-Acme-Key'), serializers: pino.stdSerializers })

function expressApp() {
  const app = express()
  app.get('/', (req, res) => {
    res.setHeader('set-cookie', `session=${canary}`)
    res.on('finish', () => log.info({ req, res }, 'express'))
    log.info({ req, res }, 'express')
    res.end(req.get('x-api-key'))
  })
  return createServer(app)
}

function koaApp() {
  const app = new Koa()
  app.use((ctx) => {
    ctx.set('set-cookie', `session=${canary}`)
    log.info({ request: ctx.request.toJSON(), response: ctx.response.toJSON() }, 'koa')
    log.info({ ctx: ctx.toJSON() }, 'koa')
    log.info({ req: ctx.req, res: ctx.res }, 'koa with the serializers')
    ctx.body = ctx.get('x-api-key')
  })
  return createServer(app.callback())
}

describe('a line that pino writes with our paths', () => {
  test.each([
    ['Express', expressApp],
    ['Koa', koaApp],
  ])('has no credential of a request to %s', async (_, make) => {
    const server = make().listen(0, '127.0.0.1')
    await once(server, 'listening')
    lines.length = 0
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      headers: { ...sent, accept: 'text/kept' },
    })
    expect(await response.text()).toBe(sent['x-api-key'])
    server.close()
    await once(server, 'close')
    expect(lines.join('')).toContain('text/kept')
    expect(lines.join('')).toContain('[Redacted]')
    expect(lines.join('')).not.toContain(canary)
  })

  test('has no credential of a request to Hono', async () => {
    lines.length = 0
    const app = new Hono().get('/', (c) => {
      log.info({ headers: c.req.header() }, 'hono')
      log.info({ req: { method: c.req.method, url: c.req.url, headers: c.req.header() } }, 'hono')
      return c.text('done')
    })
    await app.request('/', { headers: { ...sent, accept: 'text/kept' } })
    expect(lines).toHaveLength(2)
    expect(lines.every((line) => line.includes('text/kept') && !line.includes(canary))).toBe(true)
  })

  test('would have it without them', () => {
    const bare = logger({})
    bare.log.info({ req: { headers: sent } })
    expect(bare.lines.join('')).toContain(canary)
  })

  test('has no signature of any scheme that Latchkey verifies', () => {
    const { log, lines } = logger({ redact: redactPaths() })
    const names = Object.values(signaturePresets).flatMap(({ scheme }) =>
      scheme.envelope === undefined ? scheme.carriers.flatMap(({ signature }) => signature) : [],
    )
    expect(names.length).toBeGreaterThan(4)
    for (const name of names) log.info({ req: { headers: { [name]: canary } } })
    expect(lines.filter((line) => line.includes(canary))).toEqual([])
  })
})

test('the redactor over the finished line finds a key wherever it was logged', async () => {
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const { key, info } = await keys.issue({ ownerId: 'org_1' })
  const redact = keyRedactor(keys)
  const lines: string[] = []
  const log = pino({}, { write: (line) => void lines.push(redact(line)) })
  log.info({ url: `/?key=${key}`, nested: { list: [key] } }, `called with "${key}"`)
  log.error(new Error(`refused ${key}`))
  expect(lines.join('')).not.toContain(key.slice(23, 30))
  expect(JSON.parse(lines[0]!)).toMatchObject({ url: `/?key=${info.display}`, msg: `called with "${info.display}"` })
})

test.each([[''], ['x key'], ['x"key'], ['x*'], [7]])('a field whose name is none is refused: %j', (field) => {
  expect(() => redactPaths(field as string)).toThrow(/redactPaths: each argument must be the name of a header field/)
})
