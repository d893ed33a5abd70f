import { connect as connectSocket, type Socket } from 'node:net'
import type { Answer } from './call.js'
import type { Lab } from './lab.js'

/** A bare connection, for what no HTTP client would send. */
export interface Wire {
  send(bytes: string | Uint8Array): Promise<void>
  /** The next whole response; rejects where the connection ends before one has come. */
  answer(): Promise<Answer>
  /** Goes away without a word. */
  destroy(): void
}

export function wire(lab: Lab): Promise<Wire> {
  const { hostname, port } = new URL(lab.url)
  return new Promise((resolve, reject) => {
    const socket = connectSocket({ host: hostname, port: Number(port), noDelay: true })
    socket.once('error', reject)
    socket.once('connect', () => resolve(wireOver(socket)))
  })
}

/** Sends `head` (lines, without the last blank one) and then `body` on a connection of its own, and answers what came. */
export async function exchange(lab: Lab, head: readonly string[], body: string | Uint8Array = ''): Promise<Answer> {
  const bare = await wire(lab)
  await bare.send(`${head.join('\r\n')}\r\n\r\n`)
  await bare.send(body)
  const answer = await bare.answer()
  bare.destroy()
  return answer
}

function wireOver(socket: Socket): Wire {
  let received = Buffer.alloc(0)
  let ended = false
  let wake = () => {}
  const note = () => {
    ended = true
    wake()
  }
  socket.on('data', (piece) => {
    received = Buffer.concat([received, piece])
    wake()
  })
  socket.on('end', note).on('close', note).on('error', note)
  return {
    send: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    answer: async () => {
      for (;;) {
        const found = parse(received, ended)
        if (found !== undefined) {
          received = received.subarray(found.length)
          return found.answer
        }
        if (ended)
          throw new Error(`the connection ended after ${JSON.stringify(received.toString('latin1').slice(0, 200))}`)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    destroy: () => void socket.destroy(),
  }
}

/** The first whole response in `bytes` and how many of them it takes. */
function parse(bytes: Buffer, ended: boolean): { answer: Answer; length: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  const body = bodyOf(bytes.subarray(headEnd + 4), new Map(headers), ended)
  if (body === undefined) return undefined
  return {
    answer: { status: Number(statusLine.split(' ')[1]), headers, body: body.bytes },
    length: headEnd + 4 + body.length,
  }
}

function bodyOf(rest: Buffer, headers: ReadonlyMap<string, string>, ended: boolean) {
  if (headers.get('transfer-encoding') === 'chunked') return dechunked(rest)
  const length = headers.get('content-length')
  if (length === undefined) return ended ? { bytes: rest, length: rest.length } : undefined
  return rest.length < Number(length) ? undefined : { bytes: rest.subarray(0, Number(length)), length: Number(length) }
}

function dechunked(rest: Buffer): { bytes: Buffer; length: number } | undefined {
  const pieces: Buffer[] = []
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.subarray(at, lineEnd).toString('latin1'), 16)
    const end = lineEnd + 2 + size + 2
    if (rest.length < end) return undefined
    if (size === 0) return { bytes: Buffer.concat(pieces), length: end }
    pieces.push(rest.subarray(lineEnd + 2, end - 2))
    at = end
  }
}
