import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface CuttingProxy {
  readonly port: number
  /** How many responses have been swallowed. */
  cuts(): number
  close(): Promise<void>
}

/** Stands before a server and swallows its first `count` responses: the connection breaks when the first byte comes. */
export async function cuttingProxy(target: string, count: number): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target)
  let cut = 0
  const clients = new Set<Socket>()
  const server = createServer((client) => {
    clients.add(client)
    const upstream = connect(Number(port), hostname)
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    client
      .on('data', (bytes) => upstream.write(bytes))
      .on('close', end)
      .on('error', end)
    upstream
      .on('close', end)
      .on('error', end)
      .on('data', (bytes) => {
        if (cut >= count) return void client.write(bytes)
        cut++
        end()
      })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    cuts: () => cut,
    close: () => {
      for (const client of clients) client.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
