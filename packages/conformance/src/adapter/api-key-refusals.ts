import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { type Answer, field } from './call.js'
import { isRefusal, type Refusal } from './expectations.js'

/** A refusal and its challenge. */
export interface KeyRefusal extends Refusal {
  /** What stands behind the realm in `WWW-Authenticate`; `null`: there is no such field. */
  readonly challenge: string | null
}

/** The refusals of the API-key guard, as the table of the contract has them. */
export const keyRefusals = {
  missing: { status: 401, code: 'api-key-missing', title: 'An API key is required', challenge: '' },
  ambiguous: {
    status: 400,
    code: 'api-key-ambiguous',
    title: 'More than one API key was presented',
    challenge: ', error="invalid_request"',
  },
  invalid: {
    status: 401,
    code: 'api-key-invalid',
    title: 'The API key is not valid',
    challenge: ', error="invalid_token"',
  },
  revoked: {
    status: 401,
    code: 'api-key-revoked',
    title: 'The API key has been revoked',
    challenge: ', error="invalid_token"',
  },
  disabled: {
    status: 401,
    code: 'api-key-disabled',
    title: 'The API key is disabled',
    challenge: ', error="invalid_token"',
  },
  expired: {
    status: 401,
    code: 'api-key-expired',
    title: 'The API key has expired',
    challenge: ', error="invalid_token"',
  },
  environment: {
    status: 403,
    code: 'api-key-environment-mismatch',
    title: 'The API key belongs to another environment',
    challenge: null,
  },
  scope: {
    status: 403,
    code: 'api-key-insufficient-scope',
    title: 'The API key lacks a required scope',
    challenge: ', error="insufficient_scope", scope="payments:write"',
  },
  tooManyFailures: {
    status: 429,
    code: 'too-many-failed-attempts',
    title: 'Too many invalid API keys from this source',
    retryable: true,
    challenge: null,
  },
  plainHttp: { status: 403, code: 'https-required', title: 'HTTPS is required', challenge: null },
  unavailable: {
    status: 503,
    code: 'api-key-store-unavailable',
    title: 'API keys cannot be verified at the moment',
    retryable: true,
    retryAfter: ['1'],
    challenge: null,
  },
} as const satisfies Record<string, KeyRefusal>

/** The answer is this refusal, challenge and all, and shows nothing of a key. */
export function isKeyRefusal(answer: Answer, expected: KeyRefusal, why = ''): void {
  isRefusal(answer, expected)
  const challenge = field(answer, 'www-authenticate')
  if (expected.challenge === null) assert.equal(challenge, undefined, why)
  else
    assert.equal(challenge?.replace(/^Bearer realm="[^"]*"/, 'Bearer realm'), `Bearer realm${expected.challenge}`, why)
  assert.doesNotMatch(answer.body.toString(), /acme_/, why)
}

/** The text with the character at `index` (from the end when negative) replaced by another of its alphabet. */
export function altered(key: string, index: number): string {
  const at = index < 0 ? key.length + index : index
  return key.slice(0, at) + (key[at] === 'a' ? 'b' : 'a') + key.slice(at + 1)
}

/** The key with the checksum that its other characters ask for. */
export function recomputed(key: string): string {
  const body = key.slice(0, -6)
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  let text = ''
  for (let rest = crc32(body); text.length < 6; rest = Math.floor(rest / 62)) text = digits[rest % 62] + text
  return body + text
}

/** A well-formed key that nobody was ever given. */
export function unknownKey(environment: string): string {
  return recomputed(`acme_${environment}_${'Unknown0Id00'}_${'x'.repeat(43)}000000`)
}

/** Another well-formed key each time, that nobody was ever given. */
export function strangersKey(): string {
  const drawn = (length: number) => randomBytes(length).toString('hex').slice(0, length)
  return recomputed(`acme_live_${drawn(12)}_${drawn(43)}000000`)
}
