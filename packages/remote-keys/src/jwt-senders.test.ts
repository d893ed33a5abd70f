import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { privateKey } from './certificates.test.kit.js'
import { p256, publicHalf, tokenOf } from './jwt-keys.test.kit.js'
import { fusionAuth, googlePubSub, monday, netlify } from './jwt-senders.js'
import { jwtSignature, jwtSignatureVerifier } from './jwt-signature.js'
import { ask, hosts, nowMs, requestOf } from './key-host.test.kit.js'
import { remoteJwks } from './remote-jwks.js'

const body = '{"a":1}'
const rsa = publicHalf(privateKey)
const sha256 = (encoding: 'hex' | 'base64') => createHash('sha256').update(body).digest(encoding)
const now = () => nowMs
const setUrl = 'https://auth.example.test/jwks.json'
const setOf = (...keys: object[]) => remoteJwks(setUrl, { fetch: hosts({ [setUrl]: JSON.stringify({ keys }) }), now })

describe('senders that are known', () => {
  test('FusionAuth', async () => {
    const verify = jwtSignatureVerifier({
      ...fusionAuth,
      algorithms: ['ES256'],
      publicKeys: setOf({ ...p256.jwk, kid: 'k' }),
      now,
    })
    const token = tokenOf({ alg: 'ES256', kid: 'k' }, { request_body_sha256: sha256('base64') }, p256.privateKey)
    const headers = { 'X-FusionAuth-Signature-JWT': token }
    expect(await verify({ headers, body })).toMatchObject({ isValid: true, scheme: 'fusionauth' })
    expect(await verify({ headers, body: `${body}\n` })).toEqual({ isValid: false, reason: 'digest-mismatch' })
  })

  test('Netlify', async () => {
    const verify = jwtSignatureVerifier({ ...netlify, secrets: ['old', 'new'], now })
    const headers = {
      'X-Webhook-Signature': tokenOf({ alg: 'HS256' }, { iss: 'netlify', sha256: sha256('hex') }, 'new'),
    }
    expect(await verify({ headers, body })).toMatchObject({ isValid: true, scheme: 'netlify', signedAtMs: undefined })
    const other = { 'X-Webhook-Signature': tokenOf({ alg: 'HS256' }, { sha256: sha256('hex') }, 'new') }
    expect(await verify({ headers: other, body })).toEqual({ isValid: false, reason: 'wrong-claim' })
  })

  test('monday.com', async () => {
    const audience = 'https://api.example.com/monday'
    const verify = jwtSignatureVerifier({ ...monday, secrets: ['s'], audience, now })
    const good = { aud: audience, iat: nowMs / 1000, exp: nowMs / 1000 + 300, accountId: 1 }
    const sent = (more: object) => ({
      headers: { Authorization: tokenOf({ alg: 'HS256' }, { ...good, ...more }, 's') },
      body,
    })
    expect(await verify(sent({}))).toMatchObject({ isValid: true, claims: { accountId: 1 } })
    expect(await verify(sent({ aud: 'https://other.test' }))).toEqual({ isValid: false, reason: 'wrong-claim' })
    expect(await verify(sent({ exp: undefined }))).toEqual({ isValid: false, reason: 'wrong-claim' })
  })

  test('Google Pub/Sub', async () => {
    const keys = {
      fetch: hosts({
        'https://www.googleapis.com/oauth2/v3/certs': JSON.stringify({ keys: [{ ...rsa.jwk, kid: 'g' }] }),
      }),
      now,
    }
    const subscription = { audience: 'https://api.example.com/p', serviceAccount: 'a@p.iam.gserviceaccount.com' }
    const verify = jwtSignatureVerifier({ ...googlePubSub(subscription, keys), now })
    const good = {
      aud: subscription.audience,
      email: subscription.serviceAccount,
      email_verified: true,
      iss: 'https://accounts.google.com',
      iat: nowMs / 1000,
      exp: nowMs / 1000 + 3600,
    }
    const token = (more: object) => tokenOf({ alg: 'RS256', kid: 'g' }, { ...good, ...more }, privateKey)
    const reason = async (authorization: string) => {
      const found = await verify({ headers: { authorization }, body })
      return found.isValid ? 'valid' : found.reason
    }
    expect(await reason(`Bearer ${token({})}`)).toBe('valid')
    expect(await reason(`bearer ${token({})}`)).toBe('valid')
    expect(await reason(token({}))).toBe('malformed')
    expect(await reason(`Bearer  ${token({})}`)).toBe('malformed')
    expect(await reason(`Bearer ${token({ email: 'b@p.iam.gserviceaccount.com' })}`)).toBe('wrong-claim')
    expect(await reason(`Bearer ${token({ email_verified: false })}`)).toBe('wrong-claim')
  })

  test('what signs no body is in no window: one token comes with many messages', async () => {
    const guard = jwtSignature({ ...monday, secrets: ['s'], audience: 'a', now })
    const headers = { authorization: tokenOf({ alg: 'HS256' }, { aud: 'a', iat: nowMs / 1000, exp: nowMs }, 's') }
    for (const text of ['1', '2', '2']) {
      const request = requestOf(headers, text)
      const passed = await ask(guard, request)
      expect(passed).toMatchObject({ grant: { scheme: 'monday' } })
      expect(passed.settled).toBeUndefined()
      expect(request.body).not.toHaveBeenCalled()
    }
  })
})
