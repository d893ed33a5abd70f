import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * What the network does. `cut`: connections break, also each new one; `refuse`: nobody listens; `half-open`: what the client says
 * arrives and nothing comes back; `black-hole`: nothing arrives either way, and nobody is told.
 */
type NetworkFault = 'none' | 'cut' | 'refuse' | 'half-open' | 'black-hole' | { readonly delayMs: number }

/** A way to a server on this machine on which things go wrong on request. */
export interface FaultProxy {
  readonly port: number
  /** From now on, on connections that are open, too. What a connection has lost stays lost: after a fault that loses bytes it breaks. */
  inject(fault: NetworkFault): Promise<void>
  /** The next replies, so many, are lost after the server has carried the command out, each with its connection. */
  dropReplies(count?: number): void
  /** How many replies have been dropped. */
  dropped(): number
  /** How many connections are open. */
  open(): number
  close(): Promise<void>
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  /** Whether bytes of it have been swallowed. */
  isTorn: boolean
}

export async function faultProxy(targetPort: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let fault: NetworkFault = 'none'
  let toDrop = 0
  let dropped = 0

  const end = (pair: Pair) => {
    pairs.delete(pair)
    pair.client.destroy()
    pair.upstream.destroy()
  }
  const carry = (pair: Pair, to: Socket, bytes: Buffer) => {
    const isReply = to === pair.client
    if (fault === 'black-hole' || (fault === 'half-open' && isReply)) {
      pair.isTorn = true
    } else if (isReply && toDrop > 0) {
      toDrop--
      dropped++
      end(pair)
    } else if (typeof fault === 'object') {
      // One delay for all: timers of one length keep their order.
      setTimeout(() => to.write(bytes), fault.delayMs)
    } else {
      to.write(bytes)
    }
  }
  const server = createServer((client) => {
    const pair: Pair = { client, upstream: connect(targetPort, '127.0.0.1'), isTorn: false }
    pairs.add(pair)
    for (const socket of [client, pair.upstream]) {
      socket.setNoDelay(true)
      socket.on('error', () => end(pair))
      socket.on('close', () => end(pair))
    }
    client.on('data', (bytes) => carry(pair, pair.upstream, bytes))
    pair.upstream.on('data', (bytes) => carry(pair, client, bytes))
    if (fault === 'cut') end(pair)
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const stopListening = () => new Promise<void>((resolve) => server.close(() => resolve()))
  const endAll = () => {
    for (const pair of pairs) end(pair)
  }

  const port = await listen(0)
  return {
    port,
    inject: async (next) => {
      fault = next
      for (const pair of pairs) if (pair.isTorn && next !== 'black-hole' && next !== 'half-open') end(pair)
      if (next === 'cut' || next === 'refuse') endAll()
      if (next === 'refuse' && server.listening) await stopListening()
      if (next !== 'refuse' && !server.listening) await listen(port)
    },
    dropReplies: (count = 1) => {
      toDrop = count
    },
    dropped: () => dropped,
    open: () => pairs.size,
    close: async () => {
      endAll()
      if (server.listening) await stopListening()
    },
  }
}
