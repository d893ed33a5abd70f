import type { RefusalCode } from '@latchkey/core'
import type { ManagementAction } from './authority.js'

/** What `keyManagement` tells its observer. No event holds a key. */
export type ManagementEvent =
  /** Carried out. `keyId`: of the key that was asked for; of an issue, that of the new key. */
  | {
      readonly type: 'management.done'
      readonly actor: string
      readonly action: ManagementAction
      readonly keyId?: string
      readonly ownerId?: string
    }
  /** `actor` and `action`: as far as they were known by then. */
  | {
      readonly type: 'management.refused'
      readonly code: RefusalCode
      readonly actor?: string
      readonly action?: ManagementAction
    }
  /** `authorize`, the store, or what `apiKeys` asks beside it failed or was late; a refusal follows. */
  | { readonly type: 'management.failed'; readonly error: unknown }
