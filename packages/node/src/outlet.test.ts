import { expect, test } from 'vitest'
import { gate, head, passing, recorder, serve, wire } from './host.test.kit.js'

test.each(['captured', 'followed'] as const)(
  'what is written after a reply that was %s at once is refused, and the process survives it',
  async (how) => {
    const refused = gate<unknown>()
    const { capture } = recorder()
    const pass = how === 'captured' ? { capture: capture({ settle: () => undefined }) } : { settled: () => undefined }
    const port = await serve([passing(pass)], (_req, res) => {
      res.end('hello')
      expect(res.write('late', refused.open)).toBe(false)
      res.end('later')
      res.end()
    })
    const line = wire(port, head('POST /', 'Connection: close'))
    expect(await refused.passed).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' })
    expect(await line.closed()).toMatch(/\r\nhello$/)
  },
)
