import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fillRandom } from '../../crypto.js'
import { StoreError } from '../../errors.js'
import { mintKey } from '../key/grammar.js'
import { githubSecretScanning } from './github-secret-scanning.js'
import { finding, ScanningRig } from './secret-scanning.test.kit.js'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const feedback = (token: string, label: string) => ({ token_hash: sha256(token), token_type: 'acme_api_key', label })
const down = () => Promise.reject(new StoreError('unavailable', 'down'))

describe('a key that GitHub has found', () => {
  test('is revoked, told to the observer, and labelled a true positive', async () => {
    const rig = new ScanningRig()
    const { key, info } = await rig.keys.issue({ ownerId: 'org_1' })
    const { status, fields, json, text } = await rig.report(finding(key))
    expect(status).toBe(200)
    expect(fields).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(json).toEqual([feedback(key, 'true_positive')])
    expect(text).not.toContain(key.slice(-20))
    expect(await rig.keys.verify(key)).toMatchObject({ isValid: false, reason: 'revoked' })
    expect(await rig.keys.get(info.id)).toMatchObject({ revocationReason: 'exposed on GitHub' })
    expect(rig.events).toEqual([
      {
        type: 'api-key.exposed',
        keyId: info.id,
        outcome: 'revoked',
        url: 'https://github.com/octocat/hello/blob/1/a.txt',
        source: 'content',
      },
      { type: 'secret-scanning.answered', findings: 1, exposed: 1 },
    ])
  })

  test('stays revoked as it was when the message comes again', async () => {
    const rig = new ScanningRig()
    const { key, info } = await rig.keys.issue({ ownerId: 'org_1' })
    const message = rig.github.message([finding(key)])
    const first = await rig.post(message)
    const { revokedAtMs } = (await rig.keys.get(info.id))!
    rig.nowMs += 5000
    expect(await rig.post(message)).toEqual(first)
    expect(await rig.keys.get(info.id)).toMatchObject({ revokedAtMs })
    expect(rig.exposed).toMatchObject([{ outcome: 'revoked' }, { outcome: 'was-revoked' }])
  })

  test.each(['disabled', 'expired'])('is revoked though it is %s', async (state) => {
    const rig = new ScanningRig()
    const { key, info } = await rig.keys.issue({ ownerId: 'org_1', expiresAt: rig.nowMs + 1000 })
    if (state === 'disabled') await rig.keys.disable(info.id)
    else rig.nowMs += 2000
    expect((await rig.report(finding(key))).json).toEqual([feedback(key, 'true_positive')])
    expect(await rig.keys.verify(key)).toMatchObject({ reason: 'revoked' })
  })

  test('is only told where revoking is left to the application', async () => {
    const rig = new ScanningRig({ revoke: false })
    const { key } = await rig.keys.issue({ ownerId: 'org_1' })
    expect((await rig.report(finding(key))).json).toEqual([feedback(key, 'true_positive')])
    expect(await rig.keys.verify(key)).toMatchObject({ isValid: true })
    expect(rig.exposed).toMatchObject([{ outcome: 'kept' }])
  })

  test('is not used by that: nothing of its quota is spent, and a quota that is used up hides no key', async () => {
    const rig = new ScanningRig({ revoke: false })
    const { key, info } = await rig.keys.issue({ ownerId: 'org_1', quota: { remaining: 1 } })
    await rig.report(finding(key))
    await rig.keys.flush()
    expect(await rig.keys.get(info.id)).toMatchObject({ quota: { remaining: 1 }, lastUsedAtMs: null })
    const empty = await rig.keys.issue({ ownerId: 'org_1', quota: { remaining: 0 } })
    expect((await rig.report(finding(empty.key))).json).toEqual([feedback(empty.key, 'true_positive')])
  })

  test('is told once for each place, and looked up once', async () => {
    const asked: string[] = []
    const rig = new ScanningRig({}, (keys) => ({ find: (id) => (asked.push(id) ? keys.find(id) : undefined) }))
    const { key } = await rig.keys.issue({ ownerId: 'org_1' })
    const { json } = await rig.report(finding(key, 'https://a.test/1'), finding(key, 'https://a.test/2'))
    expect(json).toEqual([feedback(key, 'true_positive'), feedback(key, 'true_positive')])
    expect(rig.exposed).toMatchObject([{ url: 'https://a.test/1' }, { url: 'https://a.test/2' }])
    expect(asked).toHaveLength(1)
  })

  test('is not in what the observer gets, though its URL holds it', async () => {
    const rig = new ScanningRig()
    const { key, info } = await rig.keys.issue({ ownerId: 'org_1', environment: 'test' })
    await rig.report({ ...finding(key, `https://a.test/${key}`), source: key })
    const shown = `acme_test_${info.id}_…`
    expect(rig.exposed).toMatchObject([{ url: `https://a.test/${shown}`, source: shown }])
    expect(JSON.stringify(rig.events)).not.toContain(key.slice(-49))
  })
})

describe('what is no key of ours', () => {
  test('is a false positive, and costs no call of the store where it has not the shape of one', async () => {
    const rig = new ScanningRig({}, () => ({ find: down }))
    const tokens = ['ghp_something', 'acme_live_', '', '\ud800', 'x'.repeat(10_000)]
    const { status, json } = await rig.report(...tokens.map((token) => finding(token)))
    expect(status).toBe(200)
    expect(json).toEqual(tokens.map((token) => feedback(token, 'false_positive')))
  })

  test('revokes nothing with the id of a key and another secret', async () => {
    const rig = new ScanningRig()
    const { info, key } = await rig.keys.issue({ ownerId: 'org_1' })
    const digits = [...info.id].map((character) => alphabet.indexOf(character))
    let isFirst = true
    const forged = mintKey('acme', 'live', (target) => {
      if (isFirst) target.set(digits)
      else fillRandom(target)
      isFirst = false
    }).key
    expect(forged.slice(0, 23)).toBe(key.slice(0, 23))
    const { json } = await rig.report(finding(forged), finding(info.id), finding(info.display))
    expect(json).toMatchObject(Array(3).fill({ label: 'false_positive' }))
    expect(await rig.keys.verify(key)).toMatchObject({ isValid: true })
    expect(rig.exposed).toEqual([])
  })
})

describe('a store that fails', () => {
  test('is 503, and the findings that it answered for are dealt with', async () => {
    let broken: string | undefined
    const rig = new ScanningRig({}, (keys) => ({ find: (id) => (id === broken ? down() : keys.find(id)) }))
    const { info, key } = await rig.keys.issue({ ownerId: 'org_1' })
    const other = await rig.keys.issue({ ownerId: 'org_2' })
    broken = info.id
    const message = rig.github.message([finding(key), finding(other.key)])
    const { status, json, fields } = await rig.post(message)
    expect([status, json, fields['retry-after']]).toMatchObject([503, { code: 'api-key-store-unavailable' }, '1'])
    expect(await rig.keys.verify(other.key)).toMatchObject({ reason: 'revoked' })
    expect(rig.events).toMatchObject([
      { type: 'secret-scanning.store_failed', error: expect.any(StoreError) },
      { type: 'api-key.exposed', keyId: other.info.id, outcome: 'revoked' },
      { type: 'secret-scanning.refused', reason: 'store-unavailable' },
    ])
    broken = undefined
    expect(await rig.post(message)).toMatchObject({ status: 200 })
    expect(await rig.keys.verify(key)).toMatchObject({ reason: 'revoked' })
  })

  test('to revoke is 503, and the observer learns that the key is public and valid', async () => {
    const rig = new ScanningRig({}, () => ({ revoke: down }))
    const { key, info } = await rig.keys.issue({ ownerId: 'org_1' })
    expect(await rig.report(finding(key))).toMatchObject({ status: 503 })
    expect(rig.exposed).toMatchObject([{ keyId: info.id, outcome: 'failed' }])
  })

  test('for everything is not asked about thousands of findings', async () => {
    const asked: string[] = []
    const rig = new ScanningRig({}, () => ({ find: (id) => (asked.push(id) ? down() : undefined) }))
    const tokens = Array.from({ length: 500 }, () => mintKey('acme', 'live', fillRandom).key)
    expect(await rig.report(...tokens.map((token) => finding(token)))).toMatchObject({ status: 503 })
    expect(asked).toHaveLength(16)
  })

  test('to answer in time is 503', async () => {
    const rig = new ScanningRig({ storeTimeoutSeconds: 0.01 }, () => ({ find: () => new Promise(() => {}) }))
    const { key } = mintKey('acme', 'live', fillRandom)
    expect(await rig.report(finding(key))).toMatchObject({ status: 503, json: { code: 'api-key-store-unavailable' } })
  })
})

test('a finding that cannot be read keeps no other from being dealt with', async () => {
  const rig = new ScanningRig()
  const { key } = await rig.keys.issue({ ownerId: 'org_1' })
  const { status, json } = await rig.report(null, { token: 7 }, { token: key, type: 'acme_api_key' }, 'acme')
  expect([status, json]).toEqual([200, [feedback(key, 'true_positive')]])
  expect(rig.exposed).toMatchObject([{ outcome: 'revoked', url: '', source: 'unknown' }])
})

test('an empty list is answered with an empty list', async () => {
  expect(await new ScanningRig().report()).toMatchObject({ status: 200, json: [] })
})

test.each([
  [{ keys: undefined }, '"keys" must be what apiKeys() made'],
  [{ keys: { verify: () => {} } }, '"keys" must be what apiKeys() made'],
  [{ revoke: 'yes' }, '"revoke" must be true or false'],
  [{ githubToken: 'two words' }, '"githubToken" must be a token of printable ASCII without spaces, it is string'],
  [{ fetch: 'https://a.test' }, '"fetch" must be a function'],
  [{ publicKeysTimeoutSeconds: 0 }, '"publicKeysTimeoutSeconds" must be a number from 0.01 to 60'],
  [{ publicKeysUrl: 'https://a.test' }, 'there is no option "publicKeysUrl"'],
])('an option that does not fit is refused: %j', (wrong, message) => {
  const { keys } = new ScanningRig()
  expect(() => githubSecretScanning({ keys, ...wrong } as never)).toThrow(message)
})

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
