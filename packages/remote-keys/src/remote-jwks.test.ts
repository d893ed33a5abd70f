import { expect, test, vi } from 'vitest'
import { p256 } from './jwt-keys.test.kit.js'
import { handClock } from './key-host.test.kit.js'
import { remoteJwks } from './remote-jwks.js'

const setUrl = 'https://auth.example.test/jwks.json'

test('a set is fetched anew for a key id that is missing, by the clock that is given', async () => {
  const clock = handClock()
  const keys = [{ ...p256.jwk, kid: 'a' }]
  const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json({ keys }))
  const set = remoteJwks(setUrl, { fetch, now: clock.now })
  await Promise.all([set.keys('a'), set.keys('b'), set.keys()])
  keys.push({ ...p256.jwk, kid: 'b' })
  for (let index = 0; index < 10_000; index++) await set.keys(`x${index}`)
  expect(fetch).toHaveBeenCalledTimes(1)
  clock.advance(30)
  expect((await set.keys('b')).map(({ kid }) => kid)).toEqual(['a', 'b'])
  expect(fetch).toHaveBeenCalledTimes(2)
})
