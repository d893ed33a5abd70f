import { github, sign, verify } from '@latchkey/core'
import * as octokit from '@octokit/webhooks-methods'
import { describe, expect, test } from 'vitest'

const secret = "It's a Secret to Everybody"
const bodies = ['Hello, World!', '{"zen":"😀 ünïcode"}', 'payload=%7B%22a%22%3A1%7D']
const ours = github({ secrets: [secret] })

describe.each(bodies)('%j', (body) => {
  test('is signed by octokit and verifies here', async () => {
    const headers = { 'X-Hub-Signature-256': await octokit.sign(secret, body) }
    expect(await verify(ours, { headers, body })).toMatchObject({ isValid: true })
  })

  test('is signed by octokit and does not verify here once it is tampered with', async () => {
    const signed = await octokit.sign(secret, body)
    const attempts = [
      { signed, body: `${body} ` },
      { signed: await octokit.sign('another secret', body), body },
      { signed: signed.replace('sha256=', 'sha1='), body },
      { signed: signed.slice(0, -1), body },
    ]
    for (const attempt of attempts) {
      const headers = { 'x-hub-signature-256': attempt.signed }
      expect(await verify(ours, { headers, body: attempt.body })).toMatchObject({ isValid: false })
    }
  })

  test('is signed here and verified by octokit', async () => {
    const headers = sign(github, { body }, secret)
    expect(headers).toEqual({ 'x-hub-signature-256': await octokit.sign(secret, body) })
    expect(await octokit.verify(secret, body, headers['x-hub-signature-256']!)).toBe(true)
    expect(await octokit.verify(secret, `${body} `, headers['x-hub-signature-256']!)).toBe(false)
  })
})
