import type { Reply } from '../guard.js'
import { type RefusalCode, refusal } from '../problem.js'
import type { ApiKeyRefusalReason } from './events.js'
import type { ApiKeySettings } from './guard-options.js'
import { limitFields } from './limits/limit-fields.js'
import type { InvalidKey } from './verification/verification.js'

/** One refusal: what the client gets, and under which code. */
export interface ApiKeyRefusal {
  readonly code: RefusalCode
  readonly reply: Reply
}

interface Row {
  readonly code: RefusalCode
  readonly detail: string
  /** What stands behind the realm in the challenge (RFC 6750 section 3); absent: there is no challenge. */
  readonly challenge?: string
  readonly members?: Readonly<Record<string, unknown>>
}

/** A reason; a quota that will be refilled is told apart from one that is used up for good. */
type RefusalRow = ApiKeyRefusalReason | 'quota-awaits-refill'

const invalid: Row = {
  code: 'api-key-invalid',
  detail: 'What was presented is not an API key that is valid here.',
  challenge: ', error="invalid_token"',
}

/**
 * The reply for each reason. They are made once: what is told to two clients for one code cannot differ, and a refusal
 * costs nothing.
 */
export function apiKeyRefusals<Scope extends string>(
  settings: ApiKeySettings<Scope>,
): Readonly<Record<RefusalRow, ApiKeyRefusal>> {
  const { requirements, places, realm, revealReason, problemBaseUrl } = settings
  const { scopes, anyOf = [] } = requirements
  const scheme = places.find((place) => 'scheme' in place)?.scheme ?? 'Bearer'
  const rows = rowsFor(scopes, anyOf, revealReason)
  const reply = ({ code, detail, challenge, members = {} }: Row): ApiKeyRefusal => {
    const field = ['www-authenticate', `${scheme} realm="${realm}"${challenge}`] as const
    return {
      code,
      reply: refusal(code, { detail, problemBaseUrl, members, ...(challenge !== undefined && { headers: [field] }) }),
    }
  }
  return Object.fromEntries(Object.entries(rows).map(([reason, row]) => [reason, reply(row)])) as Record<
    RefusalRow,
    ApiKeyRefusal
  >
}

/** A reply with what is so for one request alone, its fields again in alphabetical order. */
export function withNumbers(reply: Reply, { limits = [], retryAfterSeconds }: InvalidKey): Reply {
  const fields = [...limitFields(limits)]
  if (retryAfterSeconds !== undefined) fields.push(['retry-after', String(Math.max(1, retryAfterSeconds))])
  if (fields.length === 0) return reply
  return { ...reply, headers: [...reply.headers, ...fields].sort(([a], [b]) => (a < b ? -1 : 1)) }
}

const limitRows = {
  'too-many-failures': {
    code: 'too-many-failed-attempts',
    detail: 'Too many requests from this source had no valid API key. Wait, then send one that is.',
  },
  'rate-limited': {
    code: 'api-key-rate-limited',
    detail: 'This API key has made as many requests as it may for now.',
  },
  'quota-exceeded': { code: 'api-key-quota-exceeded', detail: 'Nothing is left of the quota of this API key.' },
  'quota-awaits-refill': {
    code: 'api-key-quota-exceeded',
    detail: 'Nothing is left of the quota of this API key until it is refilled.',
    members: { retryable: true },
  },
} as const satisfies Partial<Record<RefusalRow, Row>>

function rowsFor(scopes: readonly string[], anyOf: readonly string[], revealReason: boolean): Record<RefusalRow, Row> {
  const revealed = (row: Omit<Row, 'challenge'>): Row =>
    revealReason ? { ...row, challenge: invalid.challenge! } : invalid
  const disabled = revealed({ code: 'api-key-disabled', detail: 'This API key is disabled for now.' })
  const expired = revealed({ code: 'api-key-expired', detail: 'This API key is past its end.' })
  return {
    ...limitRows,
    'plain-http': {
      code: 'https-required',
      detail: 'Send this request over HTTPS. A key that came with it has crossed the network in the clear.',
    },
    missing: {
      code: 'api-key-missing',
      detail: 'Send an API key with this request.',
      challenge: '',
    },
    ambiguous: {
      code: 'api-key-ambiguous',
      detail: 'Send one API key, once, in one place.',
      challenge: ', error="invalid_request"',
    },
    foreign: invalid,
    malformed: invalid,
    unknown: invalid,
    'wrong-secret': invalid,
    corrupt: invalid,
    revoked: revealed({ code: 'api-key-revoked', detail: 'This API key has been revoked for good.' }),
    disabled,
    'owner-suspended': disabled,
    expired,
    idle: expired,
    'environment-mismatch': {
      code: 'api-key-environment-mismatch',
      detail: 'This API key is for another environment than the one that was called.',
    },
    'ip-not-allowed': {
      code: 'api-key-ip-not-allowed',
      detail: 'This API key is bound to addresses, and the request came from another one.',
    },
    'insufficient-scope': {
      code: 'api-key-insufficient-scope',
      detail: `This API key lacks a scope. ${needed(scopes, anyOf)}`,
      challenge: `, error="insufficient_scope", scope="${[...scopes, ...anyOf].join(' ')}"`,
    },
    'store-unavailable': {
      code: 'api-key-store-unavailable',
      detail: 'The API key was neither accepted nor refused. Try again shortly.',
    },
  }
}

function needed(scopes: readonly string[], anyOf: readonly string[]): string {
  const all = scopes.length > 0 ? [`all of: ${scopes.join(', ')}`] : []
  const one = anyOf.length > 0 ? [`one of: ${anyOf.join(', ')}`] : []
  return `Needed: ${[...all, ...one].join('; ')}.`
}
