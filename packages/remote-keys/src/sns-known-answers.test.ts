import { describe, expect, test } from 'vitest'
import { hosts } from './key-host.test.kit.js'
import { snsVerifier } from './sns.js'
import type { SnsRules } from './sns-options.js'
import { type SnsVector, snsVectors } from './sns-vectors.test.kit.js'

function verifyAt({ members, certificate }: SnsVector, atMs: number, more: Partial<SnsRules> = {}) {
  const fetch = hosts({ [members.SigningCertURL ?? '']: certificate })
  const topicArns = [members.TopicArn ?? '']
  const verify = snsVerifier({ topicArns, allowLegacy: 'sha1', keyHost: { fetch }, now: () => atMs, ...more })
  return (changed: Readonly<Record<string, unknown>> = {}) =>
    verify({ headers: {}, body: JSON.stringify({ ...members, ...changed }) })
}

describe.each(snsVectors)('$source', (vector) => {
  const { members } = vector
  const sentMs = Date.parse(members.Timestamp ?? '')
  const verify = verifyAt(vector, sentMs + 1000)

  test('is genuine, and says what it says', async () => {
    expect(await verify()).toEqual({
      isValid: true,
      scheme: 'sns',
      id: members.MessageId,
      isIdSigned: true,
      signedAtMs: sentMs,
      message: {
        type: members.Type,
        messageId: members.MessageId,
        topicArn: members.TopicArn,
        message: members.Message,
        subject: members.Subject,
        timestamp: members.Timestamp,
        token: members.Token,
      },
    })
  })

  test('is not, with any signed member changed', async () => {
    for (const name of ['Message', 'MessageId', 'Subject', 'SubscribeURL', 'Timestamp', 'Token', 'Signature']) {
      const value = members[name]
      if (value === undefined) continue
      const changed =
        name === 'Timestamp'
          ? value.replace(/\d\dZ$/, '00Z')
          : value.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))
      expect([name, (await verify({ [name]: changed })).isValid]).toEqual([name, false])
    }
  })

  test('is too old after an hour and five minutes', async () => {
    expect(await verifyAt(vector, sentMs + 3_900_000)()).toMatchObject({ isValid: true })
    expect(await verifyAt(vector, sentMs + 3_900_001)()).toEqual({ isValid: false, reason: 'stale' })
  })

  test('counts for nobody once its certificate has expired', async () => {
    const expired = Date.parse(sentMs > Date.parse('2025-01-01') ? '2026-10-15T00:00:00Z' : '2022-08-18T00:00:00Z')
    const later = verifyAt(vector, expired, { maxAgeSeconds: 31_536_000 })
    expect(await later()).toEqual({ isValid: false, reason: 'unknown-key' })
  })

  test('is let in by SHA-1 only where that is said in words', async () => {
    const fetch = hosts({ [members.SigningCertURL ?? '']: vector.certificate })
    const strict = snsVerifier({ topicArns: [members.TopicArn ?? ''], keyHost: { fetch }, now: () => sentMs })
    const expected = members.SignatureVersion === '1' ? { isValid: false, reason: 'downgrade' } : { isValid: true }
    expect(await strict({ headers: {}, body: JSON.stringify(members) })).toMatchObject(expected)
  })
})
