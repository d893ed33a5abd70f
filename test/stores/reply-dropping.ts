import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface ReplyDropping {
  readonly port: number
  /** The next reply is dropped, and the connection with it. */
  dropNext(): void
  close(): void
}

/** A way to a server on this machine that carries every command, and can lose a reply. */
export async function replyDropping(target: number): Promise<ReplyDropping> {
  let isDropping = false
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => [client, upstream].map((each) => each.destroy()))
    }
    client.pipe(upstream)
    upstream.on('data', (chunk) => {
      if (!isDropping) return client.write(chunk)
      isDropping = false
      return client.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    dropNext: () => {
      isDropping = true
    },
    close: () => {
      for (const socket of open) socket.destroy()
      server.close()
    },
  }
}
