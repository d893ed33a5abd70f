import crypto from 'node:crypto'
import { request, type Server } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { type BodyOptions, type Guard, signature } from '@latchkey/core'
import { httpSignature, signingKey, signRequest, verificationKey } from '@latchkey/http-signatures'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hookHosts, listening } from './hook-hosts.js'
import { boundPreset, signedDelivery } from './presets.js'

/** A MAC over the body, one with something before it, ECDSA and RSA, a digest in the URL or signed, and one with something behind. */
const names = ['github', 'standard-webhooks', 'sendgrid', 'kick', 'twilio-body', 'fal', 'hubspot-v3', 'rfc9421']

const key = { algorithm: 'hmac-sha256', key: 'a secret of the tests' } as const
const components = ['@method', 'content-digest']
const guardOf = (name: string): Guard<unknown> =>
  name === 'rfc9421'
    ? httpSignature({
        keys: verificationKey(key),
        policy: { required: components, maxAgeSeconds: 60, algorithms: ['hmac-sha256'] },
        replay: false,
      })
    : signature({ scheme: boundPreset(name), replay: false, publicUrl: ({ url }) => url })

/** The guard behind one that watches the body come. Where `isToldLate`, it learns of no piece before it has all. */
function watched(guard: Guard<unknown>, isToldLate = false): Guard<unknown> {
  return (request, prior) => {
    const { method, url, headers, remoteAddress } = request
    const body = ({ onChunk, ...bounds }: BodyOptions) => {
      let received = 0
      const watch = (piece: Uint8Array) => {
        if (!isToldLate) onChunk?.(piece)
        received += piece.length
        if (received >= half) halfCame(hashed)
      }
      return request.body({ ...bounds, onChunk: watch })
    }
    return guard({ method, url, headers, remoteAddress, body }, prior)
  }
}

const hooks = {
  ...Object.fromEntries(names.map((name) => [name, watched(guardOf(name))])),
  late: watched(guardOf('github'), true),
}

const body = Buffer.alloc(256 * 1024, 'abcdefg')
const half = body.length / 2

async function headersOf(name: string, url: string): Promise<{ headers: Record<string, string>; url: string }> {
  if (name !== 'rfc9421') {
    const { headers, url: signed } = signedDelivery(name, { body, url })
    return { headers: { ...headers }, url: signed }
  }
  const signed = await signRequest(new Request(url, { method: 'POST', body }), { key: signingKey(key), components })
  return { headers: Object.fromEntries(signed.headers), url }
}

/** How many bytes have been hashed, of whatever; and who is told of them when the first half of a body has come. */
let hashed = 0
let halfCame: (hashed: number) => void = () => {}
const makers = ['createHmac', 'createHash', 'createVerify'] as const
const originals = makers.map((maker) => crypto[maker])

beforeEach(() => {
  hashed = 0
  for (const [index, maker] of makers.entries()) {
    const make = originals[index] as (...args: never[]) => { update(piece: Uint8Array): unknown }
    Object.assign(crypto, {
      [maker]: (...args: never[]) => {
        const made = make(...args)
        const update = made.update.bind(made)
        return Object.assign(made, {
          update: (piece: Uint8Array) => {
            hashed += piece.length
            return update(piece)
          },
        })
      },
    })
  }
  syncBuiltinESMExports()
})

afterEach(() => {
  for (const [index, maker] of makers.entries()) Object.assign(crypto, { [maker]: originals[index] })
  syncBuiltinESMExports()
})

describe.each(Object.entries(hookHosts))('%s', (_, host) => {
  let server: Server
  let base: string
  beforeAll(async () => {
    server = host(hooks)
    base = await listening(server)
  })
  afterAll(() => void server.close().closeAllConnections())

  /** Sends half of a body, and the other half when the first has come; answers how much was hashed between the two. */
  async function deliver(name: string, hook = name) {
    const { headers, url } = await headersOf(name, `${base}/bytes/${hook}`)
    hashed = 0
    const hashedByHalf = new Promise<number>((resolve) => {
      halfCame = resolve
    })
    const sent = request(url, { method: 'POST', headers: { ...headers, 'content-length': body.length } })
    const status = new Promise((resolve, reject) => {
      sent.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
    })
    sent.write(body.subarray(0, half))
    const bytes = await hashedByHalf
    sent.end(body.subarray(half))
    return { bytes, status: await status }
  }

  test.each(names)('%s: the first half is hashed before the second is sent', async (name) => {
    const { bytes, status } = await deliver(name)
    expect(status).toBe(200)
    expect(bytes).toBeGreaterThanOrEqual(half)
  })

  test('a guard that waits for the whole body is seen to wait', async () => {
    expect(await deliver('github', 'late')).toEqual({ bytes: 0, status: 200 })
  })
})
