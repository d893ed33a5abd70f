import { grantLedger, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { type HttpSignatureGrant, httpSignature } from './guard.js'
import { ask, requestTo } from './guard.test.kit.js'
import { verificationKey } from './key.js'
import { created, joined, key, policy, secret, signedBy } from './message.test.kit.js'

describe('the replay window', () => {
  const windowed = () => ({ keys: key, policy, store: memoryStore(), now: () => created * 1000 })

  test('knows a message by what is signed', async () => {
    const given = windowed()
    const first = await ask(given, requestTo(signedBy()))
    expect(await ask(given, requestTo(signedBy()))).toMatchObject({ status: 409, problem: { retryable: true } })
    await first.settled?.(200)
    expect(await ask(given, requestTo(signedBy({ label: 'renamed' })))).toMatchObject({
      status: 409,
      problem: { code: 'signature-replayed', retryable: false },
    })
    const later = signedBy({ parameters: `;created=${created + 1}` })
    expect(await ask(given, requestTo(later))).toHaveProperty('grant')
  })

  test('lets the retry of a failed one in', async () => {
    const given = windowed()
    for (const outcome of [500, 'abandoned', 404] as const) {
      const { settled } = await ask(given, requestTo(signedBy()))
      await settled?.(outcome)
    }
    expect(await ask(given, requestTo(signedBy()))).toHaveProperty('grant')
  })

  test('knows it by its nonce where the policy requires one, and hands that out as its id', async () => {
    const given = { ...windowed(), policy: { ...policy, nonce: 'required' } as const }
    const signed = (at: number, nonce: string) => signedBy({ parameters: `;created=${at};nonce="${nonce}"` })
    const first = await ask(given, requestTo(signed(created, 'n1')))
    expect(first.grant?.id).toBe('n1')
    await first.settled?.(200)
    expect(await ask(given, requestTo(signed(created + 1, 'n1')))).toMatchObject({ status: 409 })
    expect(await ask(given, requestTo(signed(created, 'n2')))).toHaveProperty('grant')
  })

  test('keeps signers apart, whatever nonces they choose', async () => {
    const store = memoryStore()
    const nonced = { ...policy, nonce: 'required' } as const
    const parameters = `;created=${created};nonce="n"`
    for (const signingSecret of [secret, 'of somebody else']) {
      const keys = verificationKey({ algorithm: 'hmac-sha256', key: signingSecret })
      const request = requestTo(signedBy({ parameters, secret: signingSecret }))
      expect(await ask({ keys, policy: nonced, store, now: () => created * 1000 }, request)).toHaveProperty('grant')
    }
  })

  test('takes each of several signatures, or none', async () => {
    const given = windowed()
    const [one, two] = [signedBy(), signedBy({ label: 'two', parameters: `;created=${created - 1}` })]
    const alone = await ask(given, requestTo(two))
    expect(await ask(given, requestTo(joined(one, two)))).toMatchObject({ status: 409 })
    await alone.settled?.(200)
    const first = await ask(given, requestTo(one))
    expect(first).toHaveProperty('grant')
    await first.settled?.(500)
  })

  test('is settled for each of several signatures', async () => {
    const given = windowed()
    const [one, two] = [signedBy(), signedBy({ label: 'two', parameters: `;created=${created - 1}` })]
    const both = await ask(given, requestTo(joined(one, two)))
    await both.settled?.(204)
    for (const stripped of [one, two]) {
      expect(await ask(given, requestTo(stripped))).toMatchObject({ status: 409, problem: { retryable: false } })
    }
  })

  test('is there unless it is switched off in words', () => {
    expect(() => httpSignature({ keys: key, policy })).toThrow(/"store" must be given/)
  })

  test('refuses a second mount on the same request by name', async () => {
    const given = windowed()
    const { grant } = await ask({ ...given, store: memoryStore() }, requestTo(signedBy()))
    const prior = grantLedger()
    prior.add('signature', { kind: 'pass', grant: grant as HttpSignatureGrant })
    await expect(ask(given, requestTo(signedBy()), prior)).rejects.toThrow(/guards this request twice/)
    const other = requestTo(signedBy({ label: 'another' }))
    expect(await ask(given, other, prior)).toHaveProperty('grant')
  })
})
