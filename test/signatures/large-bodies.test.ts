import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'
import { endProcesses, serverProcess } from '../processes/server-process.js'
import { signedDelivery } from './presets.js'

vi.setConfig({ testTimeout: 60_000 })
afterAll(endProcesses)

const script = fileURLToPath(new URL('../dist/signatures/large-body-server.js', import.meta.url))
const large = Buffer.alloc(64 * 1024 * 1024, 'abcdefg')
const sha256 = createHash('sha256').update(large).digest('hex')

/** The pieces of a body, the whole that is made of them, and what a garbage collector has not got round to. */
const mostBodies = 5

function post(url: string, headers: Readonly<Record<string, string>>, body: Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (response) => {
      response.toArray().then((pieces) => resolve(JSON.parse(Buffer.concat(pieces).toString())), reject)
    })
    sent.on('error', reject)
    for (let at = 0; at < body.length; at += 65_536) sent.write(body.subarray(at, at + 65_536))
    sent.end()
  })
}

/** Delivers a large body, of a declared length and in chunks, and answers how many times its size the server's memory grew. */
async function bodiesTaken(host: string, hook: string): Promise<number> {
  const server = await serverProcess(script, [host, String(large.length)])
  const { url, memory } = JSON.parse(server.output()) as { url: string; memory: string }
  const measured = async () => (await (await fetch(memory)).json()) as { now: number; most: number }
  const deliver = (body: Buffer, length: Record<string, string>) => {
    const { headers } = signedDelivery('github', { url, body })
    return post(`${url}/bytes/${hook}`, { ...headers, ...length }, body)
  }
  await deliver(large.subarray(0, 100_000), {})
  const { now } = await measured()
  expect(await deliver(large, { 'content-length': String(large.length) })).toEqual({ sha256 })
  expect(await deliver(large, { 'transfer-encoding': 'chunked' })).toEqual({ sha256 })
  const { most } = await measured()
  await server.end('SIGKILL')
  return (most - now) / large.length
}

test.each(['Express 5', 'Koa 3', 'Hono', 'fetch'])(
  '%s: a verified body takes its own size a few times',
  async (host) => {
    expect(await bodiesTaken(host, 'github')).toBeLessThan(mostBodies)
  },
)

test('a guard that copies a body again and again is found', async () => {
  expect(await bodiesTaken('Koa 3', 'copying')).toBeGreaterThan(mostBodies)
})
