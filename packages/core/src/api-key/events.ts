import type { RefusalCode } from '../problem.js'
import type { InvalidKeyReason } from './verification.js'

/** Why the guard refused: more than a client is told. */
export type ApiKeyRefusalReason =
  | InvalidKeyReason
  | 'missing'
  /** A credential field came more than once, or two places hold a key of ours. */
  | 'ambiguous'
  /** What is there is not under one of our prefixes. */
  | 'foreign'
  | 'environment-mismatch'
  | 'insufficient-scope'
  | 'store-unavailable'

/** What `apiKey` tells its observer. No event holds a key. */
export type ApiKeyEvent =
  | {
      readonly type: 'api-key.accepted'
      readonly keyId: string
      readonly ownerId: string
      readonly environment: string
    }
  /** `keyId` is what the key names, and proves nothing where the reason is `unknown` or `wrong-secret`. */
  | {
      readonly type: 'api-key.refused'
      readonly code: RefusalCode
      readonly reason: ApiKeyRefusalReason
      readonly keyId?: string
    }
  /** The store failed or was late, or a pepper is not configured; a refusal follows. */
  | { readonly type: 'api-key.store_failed'; readonly error: unknown }

/** What `apiKeys` tells its observer. No event holds a key. */
export type ApiKeyLifecycleEvent =
  | {
      readonly type: 'api-key.issued'
      readonly keyId: string
      readonly ownerId: string
      readonly environment: string
    }
  | { readonly type: 'api-key.revoked'; readonly keyId: string; readonly reason: string | null }
  | { readonly type: 'api-key.disabled'; readonly keyId: string }
  | { readonly type: 'api-key.enabled'; readonly keyId: string }
  /**
   * The store is not being told of changes, and why. Every verification reads until it is again; told once, also where it has never
   * been.
   */
  | { readonly type: 'api-key.cache_paused'; readonly error: unknown }
  /** After a pause the cache is filled and served again. */
  | { readonly type: 'api-key.cache_resumed' }
