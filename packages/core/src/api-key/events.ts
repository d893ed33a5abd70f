import type { RefusalCode } from '../problem.js'
import type { InvalidKeyReason } from './verification/verification.js'

/** Why the guard refused: more than a client is told. */
export type ApiKeyRefusalReason =
  | InvalidKeyReason
  | 'missing'
  /** A credential field came more than once, or two places hold a key of ours. */
  | 'ambiguous'
  /** What is there is not under one of our prefixes. */
  | 'foreign'
  /** The request came over plain HTTP, and `requireHttps` is set. */
  | 'plain-http'
  | 'store-unavailable'

/** What `apiKey` tells its observer. No event holds a key. */
export type ApiKeyEvent =
  | {
      readonly type: 'api-key.accepted'
      readonly keyId: string
      readonly ownerId: string
      readonly environment: string
    }
  /** `keyId` is what the key names, and proves nothing where the reason is `too-many-failures`, `unknown` or `wrong-secret`. */
  | {
      readonly type: 'api-key.refused'
      readonly code: RefusalCode
      readonly reason: ApiKeyRefusalReason
      readonly keyId?: string
    }
  /** The store or `ownerStatus` failed or was late, or what a key's row names is not configured; a refusal follows. */
  | { readonly type: 'api-key.store_failed'; readonly error: unknown }

/** What `apiKeys` tells its observer. No event holds a key. */
export type ApiKeyLifecycleEvent =
  /** A key has been made, or its hash imported. */
  | {
      readonly type: 'api-key.issued' | 'api-key.imported'
      readonly keyId: string
      readonly ownerId: string
      readonly environment: string
    }
  /** At most once a minute a key: when the time of its last use is written. */
  | {
      readonly type: 'api-key.used'
      readonly keyId: string
      readonly ownerId: string
      readonly environment: string
    }
  | {
      readonly type: 'api-key.rotated'
      readonly keyId: string
      readonly rotatedTo: string
      readonly ownerId: string
      readonly environment: string
    }
  /** Beside `api-key.used`: somebody still has the old key. */
  | {
      readonly type: 'api-key.rotated_key_used'
      readonly keyId: string
      readonly rotatedTo: string
      readonly ownerId: string
    }
  /** A key in use ends within `expiringSeconds`; at most once a day a key and process. */
  | {
      readonly type: 'api-key.expiring'
      readonly keyId: string
      readonly ownerId: string
      readonly expiresAtMs: number
    }
  /** `changed`: the names that were given. */
  | { readonly type: 'api-key.updated'; readonly keyId: string; readonly changed: readonly string[] }
  | { readonly type: 'api-key.revoked'; readonly keyId: string; readonly reason: string | null }
  | { readonly type: 'api-key.disabled' | 'api-key.enabled' | 'api-key.removed'; readonly keyId: string }
  /** What goes on beside a request was not written: a last use, the end of a rotated key, a digest. The next use tries again. */
  | { readonly type: 'api-key.write_failed'; readonly keyId: string; readonly error: unknown }
  /**
   * The store is not being told of changes, and why. Every verification reads until it is again; told once, also where it has never
   * been.
   */
  | { readonly type: 'api-key.cache_paused'; readonly error: unknown }
  /** After a pause the cache is filled and served again. */
  | { readonly type: 'api-key.cache_resumed' }
