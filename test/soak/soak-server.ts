// A guarded server that tells what it holds: its arguments are the framework, and `leaking` where it is to leak. Needs --expose-gc.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Framework, listeners, soakGuards } from './soak-apps.js'

/** What a server holds after a full collection. */
export interface Held {
  /** Bytes of the heap and of buffers beside it. */
  readonly bytes: number
  /** What keeps its event loop busy, timers and sockets among them. */
  readonly handles: number
}

const [framework, leaking] = process.argv.slice(2) as [Framework, string | undefined]
const listener = listeners[framework](await soakGuards())
const server = createServer(leaking === undefined ? listener : leak(listener))

process.on('message', () => {
  for (let time = 0; time < 3; time++) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  process.send?.({ bytes: heapUsed + external, handles: process.getActiveResourcesInfo().length } satisfies Held)
})
process.on('disconnect', () => process.exit())
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))

/** Keeps each request, and a timer for some. */
function leak(inner: RequestListener): RequestListener {
  const kept: unknown[] = []
  return (req, res) => {
    kept.push(Buffer.alloc(32_768), req)
    if (kept.length % 100 === 0) setInterval(() => kept.length, 60_000)
    inner(req, res)
  }
}
