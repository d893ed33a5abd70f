import { AssertionError } from 'node:assert'
import { keptHeaders } from '@latchkey/core'

/** A reply that has arrived: of `fetch` or Hono's `app.request`, of supertest, or a core `Reply`. */
export interface ArrivedReply {
  readonly status: number
  readonly headers: object
  readonly body?: unknown
  /** supertest's: the body as text. */
  readonly text?: unknown
}

interface Compared {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/**
 * Asserts that the work was done exactly once, and that all who asked for it got the same reply: status, body, and every header
 * field that a replay keeps. Give it the first reply and those of the retries; replies of `fetch` stay readable.
 *
 * @param work what {@link counted} has made, or anything that tells its `runs`.
 * @throws `AssertionError` of `node:assert`, by rejection, with what came and what was expected.
 *
 * @example
 * ```ts
 * import { assertRanOnce, counted } from '@latchkey/testing'
 * import { Hono } from 'hono'
 *
 * const charge = counted(() => 'paid')
 * const app = new Hono().post('/charges', (c) => c.text(charge()))
 * await assertRanOnce(charge, [await app.request('/charges', { method: 'POST' })])
 * ```
 */
export async function assertRanOnce(
  work: { readonly runs: number },
  replies: Iterable<ArrivedReply> = [],
): Promise<void> {
  if (work.runs !== 1) fail(`It ran ${work.runs} times, and not once`, work.runs, 1)
  const [first, ...others] = await Promise.all(Array.from(replies, compared))
  for (const [index, other] of others.entries()) {
    for (const part of ['status', 'headers', 'body'] as const) {
      if (JSON.stringify(other[part]) === JSON.stringify(first![part])) continue
      fail(`Reply ${index + 2} differs from the first one in its ${part}`, other[part], first![part])
    }
  }
}

async function compared(reply: ArrivedReply): Promise<Compared> {
  const headers = keptHeaders(fieldsOf(reply.headers)).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return { status: reply.status, headers: Object.fromEntries(headers), body: await bodyOf(reply) }
}

function fieldsOf(headers: object): [name: string, value: string][] {
  const pairs = Symbol.iterator in headers ? Array.from(headers as Iterable<[string, string]>) : Object.entries(headers)
  return pairs.map(([name, value]) => [name.toLowerCase(), String(value)])
}

/** One character a byte, so that a difference in bytes is one in text. */
async function bodyOf(reply: ArrivedReply): Promise<string> {
  if (reply instanceof Response) return latin1(new Uint8Array(await reply.clone().arrayBuffer()))
  const { body, text } = reply
  if (body instanceof Uint8Array) return latin1(body)
  return typeof text === 'string' ? latin1(new TextEncoder().encode(text)) : (JSON.stringify(body) ?? '')
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

function fail(message: string, actual: unknown, expected: unknown): never {
  throw new AssertionError({ message, actual, expected, operator: 'assertRanOnce' })
}
