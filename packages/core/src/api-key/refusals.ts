import type { Reply } from '../guard.js'
import { type RefusalCode, refusal } from '../problem.js'
import type { ApiKeyRefusalReason } from './events.js'
import type { ApiKeySettings } from './guard-options.js'

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
}

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
): Readonly<Record<ApiKeyRefusalReason, ApiKeyRefusal>> {
  const { scopes, anyOf, places, realm, revealReason, problemBaseUrl } = settings
  const scheme = places.find((place) => 'scheme' in place)?.scheme ?? 'Bearer'
  const rows = rowsFor(scopes, anyOf, revealReason)
  const reply = ({ code, detail, challenge }: Row): ApiKeyRefusal => {
    const field = ['www-authenticate', `${scheme} realm="${realm}"${challenge}`] as const
    return {
      code,
      reply: refusal(code, { detail, problemBaseUrl, ...(challenge !== undefined && { headers: [field] }) }),
    }
  }
  return Object.fromEntries(Object.entries(rows).map(([reason, row]) => [reason, reply(row)])) as Record<
    ApiKeyRefusalReason,
    ApiKeyRefusal
  >
}

function rowsFor(
  scopes: readonly string[],
  anyOf: readonly string[],
  revealReason: boolean,
): Record<ApiKeyRefusalReason, Row> {
  const revealed = (row: Omit<Row, 'challenge'>): Row =>
    revealReason ? { ...row, challenge: invalid.challenge! } : invalid
  return {
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
    disabled: revealed({ code: 'api-key-disabled', detail: 'This API key is disabled for now.' }),
    expired: revealed({ code: 'api-key-expired', detail: 'This API key is past its end.' }),
    'environment-mismatch': {
      code: 'api-key-environment-mismatch',
      detail: 'This API key is for another environment than the one that was called.',
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
