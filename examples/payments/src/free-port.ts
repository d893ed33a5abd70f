import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** The port, or for 0 any that is free. Rejects where it cannot be listened on. */
export async function freePort(port: number): Promise<number> {
  const probe = createServer().listen(port)
  await once(probe, 'listening')
  const { port: free } = probe.address() as AddressInfo
  await once(probe.close(), 'close')
  return free
}
