import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import * as crypto from '../../crypto.js'
import { StoreError } from '../../errors.js'
import type { ApiKeysOptions } from '../api-keys-options.js'
import type { ImportedApiKey } from '../lifecycle/imported-key.js'
import { LifeRig } from '../lifecycle/life-rig.js'
import type { LegacyKeys, LegacyVerifier } from './legacy-keys.js'

vi.mock(import('../../crypto.js'), async (original) => {
  const real = await original()
  return { ...real, digest: vi.fn(real.digest), digestText: vi.fn(real.digestText) }
})

const hmac = vi.spyOn(crypto.TextHmac.prototype, 'digest')
const compared = vi.spyOn(crypto.EqualTexts.prototype, 'areSame')

const sha = (algorithm: 'sha256' | 'sha512', key: string) => createHash(algorithm).update(key).digest('hex')
const pattern = /^sk_[0-9a-f]{40}$/
const legacy: readonly LegacyKeys[] = [{ name: 'sk', pattern }]
const secrets = { old: 'o'.repeat(32), new: 'n'.repeat(32) }
const key = `sk_${'a1'.repeat(20)}`
const wrong = `sk_${'b2'.repeat(20)}`

/** Keys `id.secret`, hashed in a way that only the application knows. */
const custom = {
  name: 'reversed',
  pattern: /^[a-z]+\.[a-z]+$/,
  lookupId: vi.fn((text: string) => text.split('.')[0]),
  verify: vi.fn(async (text: string, stored: string) => [...text].reverse().join('') === stored),
  decoy: 'decoy',
} satisfies LegacyVerifier
const customKey = 'alice.wonderland'
const customRow: ImportedApiKey = {
  ownerId: 'alice',
  algorithm: 'custom:reversed',
  digest: [...customKey].reverse().join(''),
  lookupId: 'alice',
}

beforeEach(() => {
  vi.clearAllMocks()
})

const row: ImportedApiKey = { ownerId: 'org_1', algorithm: 'sha256', digest: sha('sha256', key) }
const imported = (rig: LifeRig, other: Partial<ImportedApiKey> = {}) => rig.import({ ...row, ...other })

describe('an imported key', () => {
  test.each(['sha256', 'sha512'] as const)('is verified by its %s digest, with one read', async (algorithm) => {
    const rig = new LifeRig({ legacy })
    const id = await imported(rig, { algorithm, digest: sha(algorithm, key), scopes: ['a:b'] })
    rig.calls.length = 0
    const verification = await rig.keys.verify(key)
    expect(verification).toMatchObject({
      isValid: true,
      grant: { keyId: id, scopes: ['a:b'], display: `live_${id}_…` },
    })
    expect(rig.count('findByLookup') + rig.count('find')).toBe(1)
    expect(JSON.stringify(verification)).not.toContain(key.slice(0, 6))
  })

  test('has our own digest after its first use, and is found under a pepper as before', async () => {
    const rig = new LifeRig({ legacy, peppers: { current: 'old', secrets } })
    const id = await imported(rig, { algorithm: 'sha512', digest: sha('sha512', key) })
    expect(rig.memory.find(id)).toMatchObject({ algorithm: 'sha512', lookup: expect.stringMatching(/^old:/) })
    expect(await rig.reason(key)).toBe('valid')
    expect(rig.memory.find(id)).toMatchObject({ algorithm: 'hmac-sha256', pepperId: 'old' })
    expect(await rig.reason(key)).toBe('valid')
    const later = rig.process({ peppers: { current: 'new', secrets } })
    expect(await rig.reason(key, later)).toBe('valid')
    expect(rig.memory.find(id)).toMatchObject({ pepperId: 'new', lookup: expect.stringMatching(/^new:/) })
    const alone = rig.process({ peppers: { current: 'new', secrets: { new: secrets.new } } })
    expect(await rig.reason(key, alone)).toBe('valid')
    expect(rig.count('rehash')).toBe(2)
  })

  test('that was imported before there was a pepper is found under one', async () => {
    const rig = new LifeRig({ legacy })
    const id = await imported(rig)
    const peppered = rig.process({ peppers: { current: 'new', secrets } })
    expect(await rig.reason(key, peppered)).toBe('valid')
    expect(rig.memory.find(id)).toMatchObject({ pepperId: 'new', lookup: expect.stringMatching(/^new:/) })
    expect(JSON.stringify(rig.memory.find(id))).not.toContain(createHash('sha256').update(key).digest('base64url'))
    expect(await rig.reason(key, peppered)).toBe('valid')
  })

  test('can be rotated into one of ours, and revoked', async () => {
    const rig = new LifeRig({ legacy })
    const id = await imported(rig)
    const next = await rig.keys.rotate(id)
    expect(next.key).toMatch(/^acme_live_/)
    expect(await rig.reason(next.key)).toBe('valid')
    expect(await rig.reason(key)).toBe('valid')
    await rig.keys.revoke(id)
    expect(await rig.reason(key)).toBe('revoked')
  })

  test('whose info and events are shown shows no digest of it', async () => {
    const rig = new LifeRig({ legacy })
    const id = await imported(rig)
    await rig.keys.verify(key)
    const text = JSON.stringify([await rig.keys.get(id), await rig.keys.list(), rig.events])
    expect(text).not.toContain(createHash('sha256').update(key).digest('base64url'))
    expect(text).not.toContain('lookup')
  })
})

describe('a legacy key, however odd its settings or its row', () => {
  test('a pattern that remembers where it was does so no more', async () => {
    const rig = new LifeRig({ legacy: [{ name: 'sk', pattern: /^sk_[0-9a-f]{40}/gy }] })
    await imported(rig)
    for (let use = 0; use < 3; use++) expect(await rig.reason(key)).toBe('valid')
  })

  test('a row of an algorithm that nobody knows is not judged', async () => {
    const rig = new LifeRig({ legacy })
    const id = await imported(rig)
    const { algorithm, pepperId, digest, lookup } = rig.memory.find(id)!
    rig.memory.rehash(id, { algorithm, pepperId, digest }, { algorithm: 'custom:gone', pepperId, digest, lookup })
    expect(() => rig.keys.verify(key)).toThrow(StoreError)
  })
})

describe('a wrong legacy key', () => {
  async function workFor(rig: LifeRig, text: string): Promise<unknown> {
    vi.clearAllMocks()
    rig.calls.length = 0
    const reason = await rig.reason(text)
    const [own, looked] = [vi.mocked(crypto.digestText), vi.mocked(crypto.digest)]
    const counts = [
      own.mock.calls.length + looked.mock.calls.length,
      hmac.mock.calls.length,
      compared.mock.calls.length,
    ]
    return { reason, counts, calls: rig.calls.filter((call) => call.startsWith('find')) }
  }

  test('is unknown, after one read and one comparison, as a wrong key of ours is', async () => {
    const rig = new LifeRig({ legacy })
    await imported(rig)
    expect(await workFor(rig, wrong)).toEqual({ reason: 'unknown', counts: [3, 0, 1], calls: ['findByLookup'] })
    const ours = (await new LifeRig().issue()).key
    expect(await workFor(rig, ours)).toEqual({ reason: 'unknown', counts: [1, 0, 1], calls: ['find'] })
    expect(await rig.keys.verify(wrong)).toEqual({ isValid: false, reason: 'unknown' })
  })

  test('that no pattern recognises costs nothing', async () => {
    const rig = new LifeRig({ legacy })
    await imported(rig)
    for (const text of [`${key}0`, key.toUpperCase(), 'sk_', '', `sk_${'a'.repeat(300)}`]) {
      expect(await workFor(rig, text)).toEqual({ reason: 'malformed', counts: [0, 0, 0], calls: [] })
    }
  })

  test('with the shape of one of ours is never looked for as a legacy key', async () => {
    const rig = new LifeRig({ legacy: [{ name: 'any', pattern: /./ }] })
    const { key: ours, info } = await rig.issue()
    await rig.keys.remove(info.id)
    expect(await workFor(rig, ours)).toMatchObject({ reason: 'unknown', calls: ['find'] })
  })

  test('of more than 256 characters is not held against the pattern', async () => {
    const test = vi.spyOn(RegExp.prototype, 'test')
    const rig = new LifeRig({ legacy: [{ name: 'any', pattern: /^(?:legacy)+$/ }] })
    test.mockClear()
    await rig.keys.verify('legacy'.repeat(50))
    expect(test.mock.contexts.some((context) => String(context).includes('legacy'))).toBe(false)
    test.mockRestore()
  })
})

describe('a key that the application verifies', () => {
  const options: Partial<ApiKeysOptions> = { legacy: [custom], peppers: { current: 'old', secrets } }

  test('is asked for once, and has our own digest from then on', async () => {
    const rig = new LifeRig(options)
    const id = await imported(rig, customRow)
    expect(await rig.reason(customKey)).toBe('valid')
    await rig.keys.flush()
    expect(custom.verify).toHaveBeenCalledTimes(1)
    expect(rig.memory.find(id)).toMatchObject({ algorithm: 'hmac-sha256', pepperId: 'old' })
    expect(await rig.reason(customKey)).toBe('valid')
    expect(custom.verify).toHaveBeenCalledTimes(1)
    expect(await rig.reason(customKey, rig.process({ peppers: { current: 'new', secrets } }))).toBe('valid')
    expect(await rig.reason(customKey, rig.process({ peppers: { current: 'new', secrets } }))).toBe('valid')
  })

  test('is asked for whether it is there or not, and whether it has our digest or not', async () => {
    const rig = new LifeRig(options)
    await imported(rig, customRow)
    expect(await rig.reason('alice.wrong')).toBe('wrong-secret')
    expect(await rig.reason('bob.wrong')).toBe('unknown')
    await rig.keys.verify(customKey)
    await rig.keys.flush()
    custom.verify.mockClear()
    expect(await rig.reason('alice.wrong')).toBe('wrong-secret')
    expect(custom.verify.mock.calls).toEqual([['alice.wrong', 'decoy']])
  })

  test('is right only where the answer is true', async () => {
    const answers = ['yes', 1, {}, undefined, Promise.resolve('yes')]
    for (const answer of answers) {
      const verify = () => answer as unknown as boolean
      const rig = new LifeRig({ legacy: [{ ...custom, verify }] })
      await imported(rig, customRow)
      expect(await rig.reason(customKey)).toBe('wrong-secret')
    }
  })

  test('is not judged where its verifier is gone or fails', async () => {
    const rig = new LifeRig(options)
    await imported(rig, customRow)
    const broken = rig.process({ legacy: [{ ...custom, verify: () => Promise.reject(new Error('bcrypt')) }] })
    await expect(broken.verify(customKey)).rejects.toThrow('bcrypt')
    const renamed = rig.process({ legacy: [{ ...custom, name: 'other' }] })
    expect(await rig.reason(customKey, renamed)).toBe('unknown')
  })

  test('is no legacy key where nothing is found in it to look it up by', async () => {
    const rig = new LifeRig({ legacy: [{ ...custom, lookupId: () => undefined }] })
    expect(await rig.reason(customKey)).toBe('malformed')
    expect(rig.calls).toEqual([])
  })
})
