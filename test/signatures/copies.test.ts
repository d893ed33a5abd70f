import { Agent, request, type Server } from 'node:http'
import { type Guard, memoryStore, signature } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hookHosts, listening } from './hook-hosts.js'
import { boundPreset, type SignedDelivery, signedDelivery } from './presets.js'

const copies = 1000
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
afterAll(() => agent.destroy())

/** What has become of the copies: how many are with the handler, how many were refused; and who waits for all of them. */
const crowd = { running: 0, refused: 0, allDecided: () => {} }

function decided(): void {
  if (crowd.running + crowd.refused === copies) crowd.allDecided()
}

/** Whoever is let in stays until every other copy is decided on. */
function held(guard: Guard<unknown>, until: () => Promise<void>): Guard<unknown> {
  return async (asked, prior) => {
    const verdict = await guard(asked, prior)
    if (verdict.kind === 'pass') {
      crowd.running += 1
      decided()
      await until()
    }
    return verdict
  }
}

function post({ url, headers, body }: SignedDelivery): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 409) crowd.refused += 1
        decided()
        resolve(response.statusCode!)
      })
    })
    sent.on('error', reject).end(body)
  })
}

describe.each(Object.entries(hookHosts))('%s over memory', (_, host) => {
  let server: Server
  let base: string
  let gate: Promise<void>
  beforeAll(async () => {
    const store = memoryStore()
    const guardOf = (name: string) => held(signature({ scheme: boundPreset(name), store }), () => gate)
    server = host({ 'standard-webhooks': guardOf('standard-webhooks'), github: guardOf('github') })
    base = await listening(server)
  })
  afterAll(() => void server.close().closeAllConnections())

  test.each([
    ['standard-webhooks', 'the id that is signed'],
    ['github', 'the MAC that is computed'],
  ])('%s: of a thousand copies at once one is handled, by %s', async (name) => {
    Object.assign(crowd, { running: 0, refused: 0 })
    gate = new Promise((resolve) => {
      crowd.allDecided = resolve
    })
    const delivery = signedDelivery(name, { url: `${base}/bytes/${name}`, body: Buffer.from('{"id":"evt_1"}') })
    const statuses = await Promise.all(Array.from({ length: copies }, () => post(delivery)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(crowd).toMatchObject({ running: 1, refused: copies - 1 })
    expect(await post(delivery)).toBe(409)
  })
})
