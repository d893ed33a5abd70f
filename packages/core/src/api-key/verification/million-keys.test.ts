import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { memoryStore } from '../../stores/memory.js'
import { apiKeys } from '../api-keys.js'
import { strangersKey } from './check-rig.test.kit.js'
import { usualThrottle } from './failed-attempts.js'

test('a million distinct bad keys, each from another address, leave memory as it was', {
  timeout: 120_000,
}, async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const attempt = async (from: number, to: number) => {
    for (let index = from; index < to; index++) {
      const remoteAddress = `10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`
      const { isValid } = await keys.verify(strangersKey(), { failureThrottle: usualThrottle }, { remoteAddress })
      if (isValid) throw new Error('a stranger was let in')
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  // By then as many sources are remembered as there ever are.
  const before = await attempt(0, 200_000)
  const after = await attempt(200_000, 1_000_000)
  expect(after - before).toBeLessThan(4_000_000)
})
