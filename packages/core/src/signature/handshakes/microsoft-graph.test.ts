import { describe, expect, test } from 'vitest'
import type { GuardRequest } from '../../guard.js'
import { microsoftGraphHandshake } from './microsoft-graph.js'

const prior = { caller: undefined, get: () => undefined }

async function answerTo(method: string, query: string) {
  const request: GuardRequest = {
    method,
    url: `https://api.example.test/hooks/graph${query}`,
    headers: { get: () => null, count: () => 0 },
    remoteAddress: undefined,
    body: () => Promise.reject(new Error('the body is not asked for')),
  }
  const verdict = await microsoftGraphHandshake()(request, prior)
  if (verdict.kind === 'pass') return 'passed'
  const { status, headers, body } = verdict.reply
  return { status, type: new Map(headers).get('content-type'), text: new TextDecoder().decode(body) }
}

describe('the handshake of Microsoft Graph', () => {
  test('is answered with the decoded token, as plain text', async () => {
    expect(await answerTo('POST', '?validationToken=Validation%3A+a%2Fb%3Cscript%3E')).toEqual({
      status: 200,
      type: 'text/plain; charset=utf-8',
      text: 'Validation: a/b<script>',
    })
  })

  test.each([
    ['POST', ''],
    ['POST', '?other=1'],
    ['POST', '?validationToken='],
    ['POST', '?validationToken=a&validationToken=b'],
    ['POST', '?validationToken=a%0D%0Ab'],
    ['POST', `?validationToken=${'a'.repeat(1025)}`],
    ['GET', '?validationToken=a'],
  ])('%s with %j is none', async (method, query) => {
    expect(await answerTo(method, query)).toBe('passed')
  })
})
