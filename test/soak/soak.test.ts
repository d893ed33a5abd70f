import { describe, expect, test } from 'vitest'
import { growth, soak } from './soak.js'
import { frameworks } from './soak-apps.js'

/** Of traffic, to each of the three servers at once; a soak of `npm run prove -- soak` is half an hour long. */
const seconds = Number(process.env.LATCHKEY_SOAK_SECONDS ?? 4)
const isLong = seconds >= 60
/** A 99th percentile of a minute differs from that of another, on a machine that others use as well. */
const steady = 5

describe.concurrent('mixed traffic', () => {
  test.each(frameworks)(
    'on %s leaves neither memory nor handles behind',
    { timeout: seconds * 2000 + 60_000 },
    async (framework) => {
      const soaked = await soak(framework, seconds)
      expect(soaked.unexpected).toEqual([])
      expect(soaked.requests).toBeGreaterThan(100)
      expect(growth(soaked)).toEqual([])
      if (isLong) {
        const [first, last] = [soaked.p99Ms[0]!, soaked.p99Ms.at(-1)!]
        expect(last / first).toBeLessThan(steady)
        console.log(framework, JSON.stringify(soaked))
      }
    },
  )

  test('shows a server that keeps its requests and forgets its timers', async () => {
    const soaked = await soak('express', Math.min(seconds, 4), true)
    expect(growth(soaked)).toEqual([
      expect.stringMatching(/^\d+ KiB more are held/),
      expect.stringMatching(/^\d+ handles are left$/),
    ])
  })
})
