import { beforeEach, describe, expect, test } from 'vitest'
import { bearer, GuardRig, inField } from './guard-rig.js'

let rig: GuardRig
const https = { requireHttps: true }

beforeEach(async () => {
  rig = await GuardRig.create()
})

describe('where HTTPS is required', () => {
  test('plain HTTP is 403 and no redirect, whatever the key', async () => {
    for (const key of [...rig.all, 'acme_', '']) {
      const answer = await rig.refused({ ...bearer(key), url: 'http://api.test/v1' }, https)
      expect(answer).toMatchObject({ status: 403, code: 'https-required', challenge: undefined })
      expect(answer.fields).not.toHaveProperty('location')
    }
    expect(rig.events.at(-1)).toMatchObject({ type: 'api-key.refused', reason: 'plain-http' })
  })

  test('nothing is looked at before: no key, no preflight, no store, no loopback', async () => {
    let reads = 0
    const keys = rig.keysOver({ find: () => void reads++ })
    const headers = { Origin: 'https://shop.test', 'Access-Control-Request-Method': 'POST' }
    const preflight = { method: 'OPTIONS', headers }
    for (const asked of [
      {},
      preflight,
      bearer(rig.key('alice')),
      { url: 'http://127.0.0.1/' },
      { url: 'http://[::1]/' },
    ]) {
      expect((await rig.refused(asked, { ...https, keys, optional: true })).code).toBe('https-required')
    }
    expect(reads).toBe(0)
  })

  test.each(['https://api.test/v1', 'HTTPS://api.test/v1'])('%s passes', async (url) => {
    expect((await rig.passed({ ...bearer(rig.key('alice')), url }, https)).caller).toBe('alice')
  })

  test.each(['/v1', '', 'httpsx://api.test/', 'ws://api.test/'])('%j is not HTTPS', async (url) => {
    expect((await rig.refused({ ...bearer(rig.key('alice')), url }, https)).code).toBe('https-required')
  })
})

test('where it is not, plain HTTP passes', async () => {
  expect((await rig.passed({ ...bearer(rig.key('alice')), url: 'http://api.test/v1' })).caller).toBe('alice')
})

test('a key in X-API-Key beside Authorization of another scheme is found', async () => {
  const headers = { ...inField(rig.key('alice')).headers, Authorization: 'Basic YTpi' }
  expect((await rig.passed({ headers })).caller).toBe('alice')
})
