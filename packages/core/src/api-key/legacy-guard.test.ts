import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { grantLedger } from '../sequence.js'
import { apiKey } from './guard.js'
import { bearer, inField, request } from './guard-rig.js'
import type { ImportedApiKey } from './lifecycle/imported-key.js'
import { LifeRig } from './lifecycle/life-rig.js'

const legacy = [{ name: 'sk', pattern: /^sk_[a-z]+$/ }]
const key = 'sk_right'
const wrong = 'sk_wrong'
const row: ImportedApiKey = {
  ownerId: 'org_1',
  algorithm: 'sha256',
  digest: createHash('sha256').update(key).digest('hex'),
}

describe('the guard', () => {
  const ask = async (rig: LifeRig, asked: Parameters<typeof request>[0]) => {
    const verdict = await apiKey({ keys: rig.keys })(request(asked), grantLedger())
    if (verdict.kind === 'pass') return verdict.grant.keyId
    const { status, headers, body } = verdict.reply
    return JSON.stringify([status, headers, new TextDecoder().decode(body)])
  }

  test('takes a legacy key where it takes one of ours', async () => {
    const rig = new LifeRig({ legacy })
    const id = await rig.import(row)
    expect(await ask(rig, bearer(key))).toBe(id)
    expect(await ask(rig, inField(key))).toBe(id)
    expect(await ask(rig, { headers: { Authorization: 'Bearer e30.e30.c2ln', 'X-API-Key': key } })).toBe(id)
  })

  test('finds a legacy key beside one of ours one too many', async () => {
    const rig = new LifeRig({ legacy })
    await rig.import(row)
    const { key: ours } = await rig.issue()
    expect(await ask(rig, { headers: { Authorization: `Bearer ${ours}`, 'X-API-Key': key } })).toMatch(/^\[400/)
  })

  test('answers a wrong one as it answers any other', async () => {
    const rig = new LifeRig({ legacy })
    await rig.import(row)
    const { key: strange } = await new LifeRig().issue()
    const replies = await Promise.all([wrong, strange, 'nonsense'].map((text) => ask(rig, bearer(text))))
    expect(replies[0]).toMatch(/^\[401.*api-key-invalid/)
    expect(new Set(replies).size).toBe(1)
  })
})
