import { apiKeys, ConfigurationError, memoryStore, StoreError } from '@latchkey/core'
import { expect, test } from 'vitest'
import { whoami } from './whoami.js'

const nobody = { caller: undefined, get: () => undefined }

/** What the holder of a key is told where `get` answers so. */
async function told(get: () => Promise<undefined>, observe = (_event: { type: string }) => {}) {
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const { key } = await keys.issue({ ownerId: 'org_1' })
  const guard = whoami({ keys: { ...keys, get }, observe })
  const headers = {
    get: (name: string) => (name === 'x-api-key' ? key : null),
    count: (name: string) => +(name === 'x-api-key'),
  }
  const request = { method: 'GET', url: 'https://api.example/whoami', headers, remoteAddress: undefined }
  const verdict = await guard({ ...request, body: async () => new Uint8Array(0) }, nobody)
  return JSON.parse(new TextDecoder().decode(verdict.kind === 'reply' ? verdict.reply.body : undefined))
}

test('a store that fails after the key was let in is 503, and the observer is told', async () => {
  const events: string[] = []
  const fails = () => Promise.reject(new StoreError('unavailable', 'at secret-host'))
  const problem = await told(fails, ({ type }) => void events.push(type))
  expect(problem).toMatchObject({ status: 503, code: 'api-key-store-unavailable' })
  expect(JSON.stringify(problem)).not.toContain('secret-host')
  expect(events).toEqual(['api-key.accepted', 'api-key.store_failed'])
})

test('a key that was deleted after it was let in is told to come again', async () => {
  expect(await told(async () => undefined)).toMatchObject({ status: 503, retryable: true })
})

test.each([undefined, null, {}, { keys: {} }])('is not made of %j', (options) => {
  expect(() => whoami(options as never)).toThrow(ConfigurationError)
})
