import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import {
  type AbandonReason,
  type Awaitable,
  BodyError,
  type BodyOptions,
  type Capture,
  type ConfigurationError,
  type Guard,
  type Pass,
  type Reply,
  type ReplyHead,
} from '@latchkey/core'
import { onTestFinished } from 'vitest'
import { absoluteUrl, ask, hostOf, sendReply } from './index.js'

export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** A server that asks the guards one after the other and then runs the handler; whatever either throws becomes a 500. */
export async function serve(guards: readonly Guard<unknown>[], handler: Handler, outer?: Handler): Promise<number> {
  const server = createServer(async (req, res) => {
    outer?.(req, res)
    try {
      for (const [index, guard] of guards.entries()) {
        const origin = {
          url: () => absoluteUrl('http', hostOf(req, false), req.url ?? '/'),
          remoteAddress: () => req.socket.remoteAddress,
        }
        const decision = await ask(`guard${index}`, guard, req, res, origin)
        if (decision.kind === 'reply') return sendReply(req, res, decision.reply)
        if (decision.kind === 'over') return
      }
      await handler(req, res)
    } catch (error) {
      if (res.headersSent) return req.socket.destroy()
      res.statusCode = 500
      res.end(String(error))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A bare connection, and all that has come on it. */
export interface Wire {
  readonly socket: Socket
  readonly received: string
  /** Resolves when what was received contains `text`. */
  until(text: string): Promise<string>
  /** Resolves with all that was received when the other side is done. */
  closed(): Promise<string>
}

export function wire(port: number, ...writes: (string | Uint8Array)[]): Wire {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  socket.on('data', (piece) => {
    received += piece.toString('latin1')
  })
  const closing = new Promise<void>((resolve) => {
    socket.on('error', () => {}).once('close', () => resolve())
  })
  for (const each of writes) socket.write(each)
  onTestFinished(() => void socket.destroy())
  return {
    socket,
    get received() {
      return received
    },
    until: async (text) => {
      while (!received.includes(text)) await once(socket, 'data')
      return received
    },
    closed: async () => {
      await closing
      return received
    },
  }
}

/** The head of a request, its fields after the host. */
export function head(line: string, ...fields: string[]): string {
  return `${line} HTTP/1.1\r\nHost: test\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`
}

/** A promise that the test resolves. */
export function gate<T = void>(): { readonly passed: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => {}
  const passed = new Promise<T>((resolve) => {
    open = resolve
  })
  return { passed, open }
}

/** What a pass was told, in order. */
export type Told =
  | { readonly settle: Reply }
  | { readonly abandon: AbandonReason; readonly head: ReplyHead | undefined }
  | { readonly settled: number | 'abandoned' }

interface Answers {
  readonly maxBytes?: number
  readonly holds?: (head: ReplyHead) => boolean
  readonly settle?: (reply: Reply) => Awaitable<Reply | undefined>
  readonly abandon?: (reason: AbandonReason) => Awaitable<Reply | undefined>
}

export interface Recorder {
  readonly told: Told[]
  /** Resolves when it has been told `count` things. */
  heard(count?: number): Promise<Told[]>
  capture(answers?: Answers): Capture
  settled(answer?: () => Awaitable<void>): NonNullable<Pass<unknown>['settled']>
}

export function recorder(): Recorder {
  const told: Told[] = []
  let wake = () => {}
  const note = (each: Told): void => {
    told.push(each)
    wake()
  }
  return {
    told,
    heard: async (count = 1) => {
      while (told.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return told
    },
    capture: ({ maxBytes = 1000, holds, settle, abandon } = {}) => ({
      maxBytes,
      holds: (head) => holds?.(head) ?? true,
      settle: (reply) => {
        note({ settle: reply })
        return settle?.(reply)
      },
      abandon: (reason, head) => {
        note({ abandon: reason, head })
        return abandon?.(reason)
      },
    }),
    settled: (answer) => (outcome) => {
      note({ settled: outcome })
      return answer?.()
    },
  }
}

/** A guard that always passes like this. */
export function passing(pass: Omit<Pass<unknown>, 'kind' | 'grant'>): Guard<null> {
  return () => ({ kind: 'pass', grant: null, ...pass })
}

/** A reply of text. */
export function text(status: number, body: string, headers: Reply['headers'] = []): Reply {
  return { status, headers, body: Buffer.from(body) }
}

/** What the settled reply said. */
export function settledText(told: readonly Told[]): string[] {
  return told.flatMap((each) => ('settle' in each ? Buffer.from(each.settle.body).toString('latin1') : []))
}

export const bodyBounds = { maxBytes: 1_000_000, timeoutSeconds: 60 }

/** Reads the body and answers faults with their names. */
export function reading(read: Uint8Array[] = [], options: Partial<BodyOptions> = {}): Guard<null> {
  return async (request) => {
    try {
      read.push(await request.body({ ...bodyBounds, ...options }))
      return { kind: 'pass', grant: null }
    } catch (error) {
      const word = error instanceof BodyError ? error.fault : (error as ConfigurationError).code
      return { kind: 'reply', reply: { status: 400, headers: [], body: Buffer.from(`<${word}>`) } }
    }
  }
}
