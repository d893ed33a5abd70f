import { createServer } from 'node:http'
import { type Guard, signature } from '@latchkey/core'
import { hookHosts, listening } from './hook-hosts.js'
import { boundPreset } from './presets.js'

/**
 * Serves a hook that takes bodies of `argv[3]` bytes, on the framework `argv[2]`, and `copying`, which copies them more often than
 * it should. `memory` answers what the process takes, and the most that it has taken.
 */
const [, , host = '', bytes] = process.argv
const scheme = boundPreset('github')
const github = signature({ scheme, replay: false, maxBodyBytes: Number(bytes), maxBufferedBytes: Number(bytes) })
const copying: Guard<unknown> = async (request, prior) => {
  const verdict = await github(request, prior)
  const whole = await request.body({ maxBytes: Number(bytes), timeoutSeconds: 10 })
  const copies = Array.from({ length: 6 }, () => Buffer.from(whole))
  return copies.every((copy) => copy.equals(whole)) ? verdict : Promise.reject(new Error('copied wrongly'))
}
const url = await listening(hookHosts[host]!({ github, copying }))
const measured = createServer((_req, res) => {
  res.end(JSON.stringify({ now: process.memoryUsage.rss(), most: process.resourceUsage().maxRSS * 1024 }))
})
process.stdout.write(`${JSON.stringify({ url, memory: await listening(measured) })}\n`)
