import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { AbandonReason, Awaitable, Guard, Pass, Reply, ReplyHead } from '@latchkey/core'
import { onTestFinished } from 'vitest'

/** What a pass was told, in order. */
export type Told =
  | { readonly settle: Reply }
  | { readonly abandon: AbandonReason; readonly head: ReplyHead | undefined }
  | { readonly settled: number | 'abandoned' }

export interface Answers {
  readonly maxBytes?: number
  readonly holds?: (head: ReplyHead) => boolean
  readonly settle?: (reply: Reply) => Awaitable<Reply | undefined>
}

/** A pass whose capture and whose `settled` write down what they are told. */
export class Recording {
  readonly told: Told[] = []
  #wake = () => {}

  /** Resolves when it has been told `count` things. */
  async heard(count = 1): Promise<Told[]> {
    while (this.told.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    return this.told
  }

  /** What was settled, as text. */
  get texts(): string[] {
    return this.told.flatMap((each) => ('settle' in each ? Buffer.from(each.settle.body).toString() : []))
  }

  capturing({ maxBytes = 1_000_000, holds, settle }: Answers = {}): Guard<null> {
    return this.#passing({
      capture: {
        maxBytes,
        holds: (head) => holds?.(head) ?? true,
        settle: (reply) => {
          this.#note({ settle: reply })
          return settle?.(reply)
        },
        abandon: (abandon, head) => void this.#note({ abandon, head }),
      },
    })
  }

  watching(): Guard<null> {
    return this.#passing({ settled: (settled) => this.#note({ settled }) })
  }

  #passing(pass: Partial<Pass<null>>): Guard<null> {
    return async (request) => {
      await request.body({ maxBytes: 1_000_000, timeoutSeconds: 60 })
      return { kind: 'pass', grant: null, ...pass }
    }
  }

  #note(told: Told): void {
    this.told.push(told)
    this.#wake()
  }
}

/** Serves until the test has finished. */
export async function serve(listener: RequestListener): Promise<{ readonly url: string; readonly port: number }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, port }
}

/** Sends bytes as they are and answers with all that comes until the connection closes. */
export function raw(port: number, bytes: string): { readonly socket: Socket; readonly answer: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  const answer = new Promise<string>((resolve) => {
    let received = ''
    socket.on('data', (piece) => {
      received += piece
    })
    socket.on('error', () => {}).once('close', () => resolve(received))
  })
  socket.write(bytes)
  onTestFinished(() => void socket.destroy())
  return { socket, answer }
}

/** A promise that the test resolves. */
export function gate<T = void>(): { readonly passed: Promise<T>; open(value: T): void } {
  let open: (value: T) => void = () => {}
  const passed = new Promise<T>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
