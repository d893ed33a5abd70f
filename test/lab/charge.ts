import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { ApiKeyGrant, IdempotencyGrant } from '@latchkey/core'
import { type Answer, isBodiless, throwWays } from './answer.js'
import type { Runs } from './runs.js'

/** One request as the handler sees it, whatever the framework. */
export interface Charge {
  readonly query: URLSearchParams
  readonly owner: string | null
  readonly grant: Pick<IdempotencyGrant, 'pin' | 'secretReply' | 'signal'>
  readonly body: ReadBody
}

/** What the parser after the guard has read. */
export interface ReadBody {
  /** The parsed body; `null` where there was none, or one that no parser turns into a value. */
  readonly received: unknown
  /** Of the bytes that the parser read. */
  readonly sha256: string
}

/** What `GET /whoami` shows; nothing but `null` where the key is optional and there was none. */
export function caller(grant?: Partial<ApiKeyGrant>): Record<string, unknown> {
  const { ownerId = null, keyId = null, environment = null, scopes = null } = grant ?? {}
  return { ownerId, keyId, environment, scopes }
}

const nothing = createHash('sha256').digest('hex')

export function readBody(bytes: Uint8Array | undefined, received: unknown = null): ReadBody {
  if (bytes === undefined || bytes.length === 0) return { received: null, sha256: nothing }
  return { received: received ?? null, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** The handler that misbehaves on request: counts one run, waits `?delayMs`, then answers as `?kind` says. */
export function charge(runs: Runs, request: Charge): Answer | Promise<Answer> {
  const run = runs.count(request.owner)
  const delayMs = number(request.query, 'delayMs', 0)
  if (request.query.get('kind') === 'slow-signal') return slowSignal(request, delayMs)
  if (delayMs === 0) return answer(run, request)
  return sleep(delayMs).then(() => answer(run, request))
}

async function slowSignal({ grant }: Charge, delayMs: number): Promise<Answer> {
  await sleep(delayMs, undefined, { signal: grant.signal }).catch(() => {})
  return { kind: 'json', status: 200, headers: [], json: { aborted: grant.signal.aborted } }
}

function answer(run: number, { query, owner, grant, body }: Charge): Answer {
  const bytes = number(query, 'bytes', 256)
  const status = number(query, 'status', query.get('kind') === 'throw' ? 400 : 200)
  const created = { status: 201, headers: [] }
  switch (query.get('kind') ?? 'json') {
    case 'json':
      return { kind: 'json', status: 201, headers: fields(run), json: { run, owner, ...body } }
    case 'text':
      return { ...created, kind: 'text', text: ascii(bytes) }
    case 'binary':
      return {
        kind: 'bytes',
        status: 201,
        headers: [['content-type', 'application/octet-stream']],
        bytes: octets(bytes),
      }
    case 'empty':
      return { kind: 'empty', status: 204, headers: [] }
    case 'redirect':
      return { kind: 'redirect', status: 303, headers: [], location: `/charges/${run}` }
    case 'end':
      return { ...created, kind: 'end', text: 'x' }
    case 'head-array':
      return { kind: 'head-array', status: 201, headers: [['content-type', 'text/plain'], ...fields(run)], text: 'x' }
    case 'stream':
      return { kind: 'stream', status: 201, headers: [['content-type', 'text/plain']], pieces: kibibytes(bytes) }
    case 'sse':
      return { kind: 'stream', status: 200, headers: eventStream, pieces: events(number(query, 'events', 5)) }
    case 'gzip': {
      const coded = gzipSync(JSON.stringify({ run, owner, ...body }))
      return { kind: 'bytes', status: 201, headers: gzipped, bytes: coded }
    }
    case 'secret':
      grant.secretReply()
      return { kind: 'json', status: 201, headers: fields(run), json: { run, secret: `minted-${run}` } }
    case 'status': {
      if (isBodiless(status)) return { kind: 'empty', status, headers: [] }
      return { kind: 'json', status, headers: [], json: { run, status } }
    }
    case 'throw':
      return { kind: 'throw', status, headers: [], how: throwWays.find((way) => way === query.get('how')) ?? 'sync' }
    case 'pin-then-throw':
      grant.pin()
      return { kind: 'throw', status, headers: [], how: 'async' }
    case 'never':
      return { kind: 'never', status: 0, headers: [] }
    default:
      return { kind: 'json', status: 404, headers: [], json: { error: 'there is no such kind' } }
  }
}

/** What the official Stripe client reads of a payment intent; the amount and the currency come form-encoded. */
export function paymentIntent(runs: Runs, owner: string | null, form: Readonly<Record<string, unknown>>): Answer {
  const run = runs.count(owner)
  const { amount, currency } = form
  const json = { id: `pi_${run}`, object: 'payment_intent', amount: Number(amount), currency: currency ?? null }
  return { kind: 'json', status: 200, headers: [], json }
}

/**
 * The handler behind the signature guards. It too can be slow and fail on request, so that a sender's retry can be watched.
 */
export async function hook(query: URLSearchParams, sha256: string, id?: string): Promise<Answer> {
  await sleep(number(query, 'delayMs', 0))
  return {
    kind: 'json',
    status: number(query, 'status', 200),
    headers: [],
    json: { verified: true, sha256, id: id ?? null },
  }
}

const eventStream = [['content-type', 'text/event-stream']] as const
const gzipped = [
  ['content-type', 'application/json'],
  ['content-encoding', 'gzip'],
] as const

function fields(run: number): Answer['headers'] {
  return [
    ['location', `/charges/${run}`],
    ['etag', `"charge-${run}"`],
    ['x-custom', 'kept'],
    ['set-cookie', [`session=${run}; Path=/; HttpOnly`, 'seen=yes; Path=/']],
  ]
}

function number(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name) ?? ''
  return /^\d{1,9}$/.test(text) ? Number(text) : otherwise
}

function ascii(length: number): string {
  return 'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(length / 45)).slice(0, length)
}

function octets(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => index % 256))
}

async function* kibibytes(length: number): AsyncGenerator<Buffer> {
  const whole = Buffer.from(ascii(length))
  for (let at = 0; at < length; at += 1024) yield whole.subarray(at, at + 1024)
}

async function* events(count: number): AsyncGenerator<Buffer> {
  for (let index = 1; index <= count; index++) {
    await sleep(100)
    yield Buffer.from(`event: tick\ndata: {"number":${index}}\n\n`)
  }
}
