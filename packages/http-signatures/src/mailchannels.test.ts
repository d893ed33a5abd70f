import { expect, test } from 'vitest'
import { ask, options, requestTo } from './guard.test.kit.js'
import { signingKey, verificationKey } from './key.js'
import { mailChannels } from './mailchannels.js'
import { body, created } from './message.test.kit.js'
import { signRequest } from './sign.js'

test('what MailChannels sends is let in by its policy: the digest alone, signed with Ed25519', async () => {
  const signing = { kty: 'OKP', crv: 'Ed25519', d: 'n4Ni-HpISpVObnQMW0wOhCKROaIKqKtW_2ZYb2p9KcU' }
  const x = 'JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs'
  const sender = signingKey({ algorithm: 'ed25519', key: { ...signing, x }, keyid: 'mckey' })
  const sent = { method: 'POST', url: 'https://anywhere.test/', headers: {}, body }
  const components = ['content-digest']
  const { headers } = await signRequest(sent, { key: sender, components, namesAlgorithm: true, nowMs: created * 1000 })
  const keys = new Map([
    ['mckey', verificationKey({ algorithm: 'ed25519', key: Buffer.from(x, 'base64url'), keyid: 'mckey' })],
  ])
  expect(await ask({ ...options, keys, policy: mailChannels }, requestTo(headers))).toHaveProperty('grant')
  expect(await ask({ ...options, keys, policy: mailChannels }, requestTo(headers, '{}'))).toMatchObject({
    status: 401,
  })
})
