import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/**
 * What the network does. `cut`: connections break, also each new one; `refuse`: nobody listens; `half-open`: what the client says
 * arrives and nothing comes back; `black-hole`: nothing arrives either way, and nobody is told; `amnesia`: the same, and connections on
 * which something was said meanwhile stay silent for ever, as where a router has forgotten them.
 */
export type NetworkFault =
  | 'none'
  | 'cut'
  | 'refuse'
  | 'half-open'
  | 'black-hole'
  | 'amnesia'
  | { readonly delayMs: number }

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

interface LateBytes {
  readonly bytes: Buffer
  readonly dueMs: number
}

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
  /** What is on its way with a delay. */
  readonly late: { readonly requests: LateBytes[]; readonly replies: LateBytes[] }
  /** Whether bytes of it have been swallowed. */
  isTorn: boolean
  /** Whether all bytes of it will be. */
  isForgotten: boolean
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
    if (fault === 'amnesia' || pair.isForgotten) {
      pair.isForgotten = true
    } else if (fault === 'black-hole' || (fault === 'half-open' && isReply)) {
      pair.isTorn = true
    } else if (isReply && toDrop > 0) {
      toDrop--
      dropped++
      end(pair)
    } else {
      const late = isReply ? pair.late.replies : pair.late.requests
      const nowMs = performance.now()
      const delayMs = typeof fault === 'object' ? fault.delayMs : 0
      const dueMs = Math.max(nowMs + delayMs, late.at(-1)?.dueMs ?? 0)
      // What was due is still on its way where its timer has not come yet, as on a busy machine.
      if (dueMs <= nowMs && late.length === 0) to.write(bytes)
      else {
        late.push({ bytes, dueMs })
        // Whichever timer is first writes what came first: nothing overtakes, also not after the delay has ended.
        setTimeout(() => to.write(late.shift()!.bytes), dueMs - nowMs)
      }
    }
  }
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    const late = { requests: [], replies: [] }
    const pair: Pair = { client, upstream, late, isTorn: false, isForgotten: false }
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
