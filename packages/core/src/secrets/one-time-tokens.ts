import { base64url } from '../bytes.js'
import { digest, hmac } from '../crypto.js'
import { StoreError } from '../errors.js'
import { tell } from '../observe.js'
import {
  checkPurpose,
  checkSubject,
  type OneTimeTokenOptions,
  type OneTimeTokensOptions,
  oneTimeTokensSettings,
  readIssue,
} from './one-time-tokens-options.js'
import type { TokenRecord } from './store.js'
import { tokenUrlsafe } from './token.js'

/** A new token. */
export interface IssuedOneTimeToken {
  /**
   * The token itself, 43 base64url characters, this once: the store has its digest alone. The property is not enumerable, so
   * that logging or serialising the whole object does not show it; read it by name.
   */
  readonly token: string
  /** In epoch milliseconds, by the store's clock. */
  readonly expiresAtMs: number
}

/** What a token was issued for. */
export interface ConsumedOneTimeToken {
  readonly subject: string
  /** As `issue` was given it, by way of JSON. */
  readonly data: Readonly<Record<string, unknown>>
}

/** Tokens that are good once, for one purpose, for a time. What the store rejects with is passed on. */
export interface OneTimeTokens {
  /**
   * Makes a token of 256 random bits and stores its digest. The token is in the answer and nowhere else.
   *
   * @param subject whose it is: an id of the application's own, 1 to 255 characters; kept in clear.
   * @param purpose what it is for, 1 to 64 of `[a-z0-9_.:-]`: `password-reset`. It is good for nothing else.
   * @param ttlSeconds for how long, 1 to 31536000.
   * @throws `ConfigurationError` (by rejection) naming what does not fit.
   */
  issue(
    subject: string,
    purpose: string,
    ttlSeconds: number,
    options?: OneTimeTokenOptions,
  ): Promise<IssuedOneTimeToken>
  /**
   * Uses the token up. Of any number of calls at once exactly one gets the subject. `undefined` where the token is expired,
   * used, revoked, unknown, of another purpose or no token at all, and nothing tells which; a token that is of another purpose
   * stays good for its own.
   *
   * A call whose answer is lost, because the store does not answer or the process ends, may have used the token up.
   */
  consume(token: string, purpose: string): Promise<ConsumedOneTimeToken | undefined>
  /**
   * Ends all tokens of the subject, or those of one purpose, and tells how many were still good: for every change of
   * privilege. Each token that was issued before is then used by somebody, or ended by this; one that is being issued meanwhile
   * may come after it, and stay.
   */
  revokeAll(subject: string, purpose?: string): Promise<number>
}

const tokenBytes = 32

/**
 * One-time tokens in a store: for password resets, the confirmation of addresses, invitations.
 *
 * @throws ConfigurationError naming the first option that does not fit.
 *
 * @example
 * ```ts
 * import { memoryStore, oneTimeTokens } from '@latchkey/core'
 *
 * const tokens = oneTimeTokens({ store: memoryStore() })
 * const { token } = await tokens.issue('user_1', 'password-reset', 1800, { replaces: true })
 * const used = await tokens.consume(token, 'password-reset')
 * if (used !== undefined) console.log(`A new password for ${used.subject}`)
 * ```
 */
export function oneTimeTokens(options: OneTimeTokensOptions): OneTimeTokens {
  const { store, secret, observe } = oneTimeTokensSettings(options)

  /** The purpose is part of what is hashed: under another purpose there is no such token. */
  const idOf = (purpose: string, token: string): string => {
    const text = `latchkey token 1:${purpose.length}:${purpose}:${token}`
    return base64url(secret === undefined ? digest('sha256', text) : hmac('sha256', secret, text))
  }

  return {
    issue: async (subject, purpose, ttlSeconds, options = {}) => {
      const { replaces, ttlSeconds: ttl, ...columns } = readIssue(subject, purpose, ttlSeconds, options)
      const token = tokenUrlsafe(tokenBytes)
      const expiresAtMs = await store.insert({ id: idOf(purpose, token), ...columns }, ttl, replaces)
      tell(observe, { type: 'one-time-token.issued', subject, purpose, expiresAtMs })
      return issued(token, expiresAtMs)
    },
    consume: async (token, purpose) => {
      checkPurpose('consume', purpose)
      const record = isToken(token) ? await store.consume(idOf(purpose, token)) : undefined
      if (!record) {
        tell(observe, { type: 'one-time-token.refused', purpose })
        return undefined
      }
      tell(observe, { type: 'one-time-token.consumed', subject: record.subject, purpose })
      return { subject: record.subject, data: dataIn(record) }
    },
    revokeAll: async (subject, purpose) => {
      checkSubject('revokeAll', subject)
      if (purpose !== undefined) checkPurpose('revokeAll', purpose)
      const tokens = await store.revokeAll(subject, purpose)
      tell(observe, { type: 'one-time-token.revoked', subject, purpose: purpose ?? null, tokens })
      return tokens
    },
  }
}

/** A getter: not even an inspection of hidden properties (`%o`) shows what it answers. */
function issued(token: string, expiresAtMs: number): IssuedOneTimeToken {
  return Object.defineProperty({ expiresAtMs } as IssuedOneTimeToken, 'token', { get: () => token })
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{43}$/.test(value)
}

function dataIn({ data }: TokenRecord): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(data) as Record<string, unknown>
  } catch {
    throw new StoreError('corrupt', 'The data of a one-time token cannot be read')
  }
}
