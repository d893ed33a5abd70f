import assert from 'node:assert/strict'
import { type Answer, field, jsonOf } from './call.js'

/** What a refusal has to be, member by member and field by field. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly title: string
  readonly retryable?: boolean
  /** `Retry-After` may be any of these; absent: there must be none. */
  readonly retryAfter?: readonly string[]
  /** Members beyond those that every problem has. */
  readonly members?: Readonly<Record<string, unknown>>
}

const base = 'https://docs.example.test/problems/'

/** The answer is this problem and nothing besides. */
export function isRefusal(answer: Answer, expected: Refusal): void {
  const { status, code, title, retryable = false, retryAfter, members = {} } = expected
  const text = `${answer.status} ${answer.body.toString()}`
  assert.equal(answer.status, status, text)
  const { detail, ...rest } = jsonOf(answer)
  assert.deepEqual(rest, { type: base + code, title, status, code, retryable, ...members })
  assert.equal(typeof detail, 'string')
  assert.equal(field(answer, 'content-type'), 'application/problem+json')
  assert.equal(field(answer, 'cache-control'), 'no-store')
  assert.equal(field(answer, 'content-length'), String(answer.body.length))
  const link = [400, 409, 422].includes(status) ? `<${base}${code}>; rel="describedby"` : undefined
  assert.equal(field(answer, 'link'), link)
  if (retryAfter === undefined) assert.equal(field(answer, 'retry-after'), undefined)
  else
    assert.ok(retryAfter.includes(field(answer, 'retry-after') ?? ''), `retry-after: ${field(answer, 'retry-after')}`)
  isFirst(answer)
}

/** No marker says that this was seen before. */
export function isFirst(answer: Answer): void {
  assert.equal(field(answer, 'idempotent-replayed'), undefined)
  assert.equal(field(answer, 'idempotency-status'), undefined)
}

/** The answer is a first reply with this status. */
export function isReply(answer: Answer, status: number): void {
  assert.equal(answer.status, status, answer.body.toString())
  isFirst(answer)
}

/** Fields that a replay does not keep, or that the server writes anew. */
const notKept = new Set([
  ...['connection', 'content-length', 'date', 'keep-alive', 'server', 'set-cookie', 'transfer-encoding'],
  ...['idempotent-replayed', 'retry-after', 'www-authenticate'],
])

/** `replay` is the first reply again: status, bytes, kept fields, and the marker. */
export function isReplayOf(first: Answer, replay: Answer): void {
  assert.equal(field(replay, 'idempotent-replayed'), 'true', `${replay.status} ${replay.body.toString().slice(0, 300)}`)
  assert.equal(replay.status, first.status)
  assert.deepEqual(keptFields(replay), keptFields(first))
  assert.ok(replay.body.equals(first.body), 'the bytes of the body are others')
  assert.equal(field(replay, 'set-cookie'), undefined)
}

function keptFields({ headers }: Answer): string[] {
  return headers
    .filter(([name]) => !notKept.has(name))
    .map(([name, value]) => `${name}: ${value}`)
    .sort()
}

/** The refusals of the idempotency guard and of body limits, as the table of the contract has them. */
export const refused = {
  keyMissing: { status: 400, code: 'idempotency-key-missing', title: 'Idempotency-Key is missing' },
  keyInvalid: { status: 400, code: 'idempotency-key-invalid', title: 'Idempotency-Key is not valid' },
  keyExpired: { status: 400, code: 'idempotency-key-expired', title: 'Idempotency-Key is too old' },
  keyReused: { status: 422, code: 'idempotency-key-reused', title: 'Idempotency-Key is already used' },
  inProgress: {
    status: 409,
    code: 'idempotency-in-progress',
    title: 'A request is outstanding for this Idempotency-Key',
    retryable: true,
    retryAfter: ['1', '2', '3', '4', '5'],
  },
  leaseLost: {
    status: 409,
    code: 'idempotency-lease-lost',
    title: 'Another attempt has taken over this Idempotency-Key',
    retryable: true,
    retryAfter: ['1'],
  },
  outcomeUnknown: {
    status: 409,
    code: 'idempotency-outcome-unknown',
    title: 'The outcome of the first request is unknown',
  },
  responseUnavailable: {
    status: 409,
    code: 'idempotency-response-unavailable',
    title: 'The request was carried out but its response was not kept',
  },
  storeUnavailable: {
    status: 503,
    code: 'idempotency-store-unavailable',
    title: 'Idempotency cannot be ensured at the moment',
    retryable: true,
    retryAfter: ['1'],
  },
  tooLarge: { status: 413, code: 'request-too-large', title: 'The request body is too large' },
  timeout: {
    status: 408,
    code: 'request-timeout',
    title: 'The request body did not arrive in time',
    retryable: true,
  },
} as const satisfies Record<string, Refusal>
