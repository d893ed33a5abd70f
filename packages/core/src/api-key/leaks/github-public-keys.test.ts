import { describe, expect, test } from 'vitest'
import { finding, ScanningRig, signingKey } from './secret-scanning.test.kit.js'

const minute = 60_000
const day = 24 * 60 * minute
const broken = () => new Response('limited', { status: 403 })

/** Posts an empty message under this key and tells the status. */
const status = async (rig: ScanningRig, key = rig.github.key) => (await rig.post(rig.github.message([], key))).status

describe('GitHub’s public keys', () => {
  test('are fetched from GitHub alone, without following it elsewhere', async () => {
    const rig = new ScanningRig()
    await rig.report()
    expect(rig.github.asked).toMatchObject([
      {
        url: 'https://api.github.com/meta/public_keys/secret_scanning',
        init: { redirect: 'manual', headers: { 'user-agent': 'latchkey', accept: 'application/json' } },
      },
    ])
    expect(rig.github.asked[0]!.init.headers).not.toHaveProperty('authorization')
  })

  test('are asked for with the token that was configured', async () => {
    const rig = new ScanningRig({ githubToken: 'ghp_example' })
    await rig.report()
    expect(rig.github.asked[0]!.init.headers).toMatchObject({ authorization: 'Bearer ghp_example' })
  })

  test('are not fetched before a message names one, and once for an hour of messages', async () => {
    const rig = new ScanningRig()
    await rig.post({ body: '', headers: {} })
    expect(rig.github.asked).toHaveLength(0)
    for (let minutes = 0; minutes < 60; minutes += 10) {
      await rig.report()
      rig.nowMs += 10 * minute
    }
    expect(rig.github.asked).toHaveLength(1)
    await rig.report()
    expect(rig.github.asked).toHaveLength(2)
  })

  test('are fetched once for messages that come together', async () => {
    const rig = new ScanningRig()
    const statuses = await Promise.all(Array.from({ length: 20 }, () => status(rig)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(rig.github.asked).toHaveLength(1)
  })

  test('are fetched again for a new one', async () => {
    const rig = new ScanningRig()
    await rig.report()
    const next = signingKey('b2')
    rig.github.published = [rig.github.key, next]
    rig.nowMs += 2 * minute
    expect(await status(rig, next)).toBe(200)
    expect(rig.github.asked).toHaveLength(2)
  })

  test('are not fetched for each identifier that somebody makes up', async () => {
    const rig = new ScanningRig()
    for (let made = 0; made < 100; made++) expect(await status(rig, signingKey(`x${made}`))).toBe(401)
    expect(rig.github.asked).toHaveLength(1)
    expect(await status(rig)).toBe(200)
  })

  test('no longer count when GitHub takes them back', async () => {
    const rig = new ScanningRig()
    expect(await status(rig)).toBe(200)
    rig.github.published = [signingKey('b2')]
    rig.nowMs += 60 * minute
    expect(await status(rig)).toBe(401)
  })

  test('of other kinds are passed over', async () => {
    const rig = new ScanningRig()
    const other = signingKey('p384', 'secp384r1')
    rig.github.published = [other, { identifier: 'none', pem: 'none' }, rig.github.key]
    expect(await status(rig)).toBe(200)
    expect(await status(rig, other)).toBe(401)
  })
})

describe('where GitHub’s public keys cannot be had', () => {
  const answers: [string, () => Response | Promise<Response>][] = [
    ['GitHub refuses', broken],
    ['GitHub is redirected', () => new Response(null, { status: 302, headers: { location: 'https://a.test' } })],
    ['nobody answers', () => Promise.reject(new TypeError('fetch failed'))],
    ['the answer never comes', () => new Promise(() => {})],
    ['the answer never ends', () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }))],
    ['the answer is too long', () => new Response(`{"public_keys":[]}${' '.repeat(70_000)}`)],
    ['the answer is no JSON', () => new Response('<html>')],
    ['the answer is nothing', () => Response.json(null)],
    ['the answer has no keys', () => Response.json({ public_keys: [] })],
    ['the answer has no key that can be read', () => Response.json({ public_keys: [null, { key_identifier: 'a1' }] })],
  ]

  test.each(answers)('the message is answered with 503, and can come again: %s', async (_, answer) => {
    const rig = new ScanningRig({ publicKeysTimeoutSeconds: 0.05 })
    rig.github.answers.push(answer)
    const { key } = await rig.keys.issue({ ownerId: 'org_1' })
    const message = rig.github.message([finding(key)])
    expect(await rig.post(message)).toMatchObject({
      status: 503,
      json: { code: 'signature-unavailable' },
      fields: { 'retry-after': '1' },
    })
    expect(rig.events).toMatchObject([
      { type: 'secret-scanning.public_keys_failed', error: expect.any(Error) },
      { type: 'secret-scanning.refused', reason: 'public-keys-unavailable' },
    ])
    rig.nowMs += 10_000
    expect(await rig.post(message)).toMatchObject({ status: 200 })
  })

  test('GitHub is not asked again and again', async () => {
    const rig = new ScanningRig()
    rig.github.answers.push(broken)
    for (let messages = 0; messages < 20; messages++) expect(await status(rig)).toBe(503)
    expect(rig.github.asked).toHaveLength(1)
  })

  test('those at hand are used for a day', async () => {
    const rig = new ScanningRig()
    expect(await status(rig)).toBe(200)
    for (const later of [60 * minute, day - 1]) {
      rig.nowMs = Date.UTC(2026, 0, 1) + later
      rig.github.answers.push(broken)
      expect(await status(rig)).toBe(200)
    }
    rig.github.answers.push(broken)
    rig.nowMs = Date.UTC(2026, 0, 2) + 10_000
    expect(await status(rig)).toBe(503)
    expect(rig.github.asked).toHaveLength(4)
  })
})
