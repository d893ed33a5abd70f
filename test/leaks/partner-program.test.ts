import { generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import Router from '@koa/router'
import {
  type ApiKeys,
  apiKeys,
  type Guard,
  githubSecretScanning,
  memoryStore,
  type SecretScanningEvent,
} from '@latchkey/core'
import * as onExpress from '@latchkey/express'
import { protect } from '@latchkey/fetch'
import * as onHono from '@latchkey/hono'
import * as onKoa from '@latchkey/koa'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import { afterEach, describe, expect, test } from 'vitest'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString()
const publishedKeys = async () => Response.json({ public_keys: [{ key_identifier: 'a1', key: pem, is_current: true }] })

/** Spaces and escapes that no serialiser would write again: the signature is over these bytes and no others. */
const bodyWith = (token: string) =>
  `[ {"token":"${token}",  "type":"acme\\u005fapi_key","url":"https://github.com/a/b","source":"commit"} ]\n`

function headersFor(body: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'Github-Public-Key-Identifier': 'a1',
    'Github-Public-Key-Signature': sign('sha256', Buffer.from(body), privateKey).toString('base64'),
  }
}

const hosts: Record<string, (guard: Guard<never>) => Server> = {
  express: (guard) => {
    const app = express()
    app.post('/exposed', onExpress.mount('secretScanning', guard))
    app.use(express.json())
    return createServer(app).listen(0, '127.0.0.1')
  },
  koa: (guard) => {
    const router = new Router().post('/exposed', onKoa.mount('secretScanning', guard))
    return createServer(new Koa().use(router.routes()).callback()).listen(0, '127.0.0.1')
  },
  hono: (guard) => {
    const app = new Hono().post('/exposed', onHono.mount('secretScanning', guard))
    return serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  },
  fetch: (guard) => {
    const handler = protect({ secretScanning: guard }, () => new Response('reached', { status: 500 }))
    return serve({ fetch: (request: Request) => handler(request), port: 0, hostname: '127.0.0.1' }) as Server
  },
}

let server: Server | undefined
afterEach(async () => {
  server?.close()
  if (server?.listening) await once(server, 'close')
})

describe.each(Object.keys(hosts))('GitHub’s message to %s', (host) => {
  async function listen(maxBodyBytes?: number) {
    const keys: ApiKeys = apiKeys({ store: memoryStore(), prefix: 'acme' })
    const events: SecretScanningEvent[] = []
    const bound = maxBodyBytes === undefined ? {} : { maxBodyBytes }
    const observe = (event: SecretScanningEvent) => void events.push(event)
    server = hosts[host]!(githubSecretScanning({ keys, fetch: publishedKeys, observe, ...bound }))
    if (!server.listening) await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/exposed`
    const post = (body: string, headers: Record<string, string>) => fetch(url, { method: 'POST', body, headers })
    const { key, info } = await keys.issue({ ownerId: 'org_1' })
    return { keys, events, post, key, info }
  }

  test('revokes the key that it reports, tells of it and is answered with a label', async () => {
    const { keys, events, post, info, key } = await listen()
    const body = bodyWith(key)
    const response = await post(body, headersFor(body))
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.json()).toMatchObject([{ token_type: 'acme_api_key', label: 'true_positive' }])
    expect(await keys.verify(key)).toMatchObject({ isValid: false, reason: 'revoked' })
    expect(events[0]).toMatchObject({ type: 'api-key.exposed', keyId: info.id, url: 'https://github.com/a/b' })
  })

  test('does nothing with other bytes than those that were signed', async () => {
    const { keys, post, key } = await listen()
    const body = bodyWith(key)
    for (const other of [JSON.stringify(JSON.parse(body)), `${body} `, '']) {
      const response = await post(other, headersFor(body))
      expect(response.status).toBe(401)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.json()).toMatchObject({ code: 'signature-invalid' })
    }
    expect(await keys.verify(key)).toMatchObject({ isValid: true })
  })

  test('is refused beyond its bound', async () => {
    const { post } = await listen(100)
    const body = bodyWith('x'.repeat(200))
    expect(await post(body, headersFor(body))).toMatchObject({ status: 413 })
  })
})
