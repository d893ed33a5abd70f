import type { HasRateStore } from '../api-key/rate-store.js'
import type { HasKeyStore } from '../api-key/store.js'
import type { HasIdempotencyStore } from '../idempotency/store.js'
import type { HasReplayStore } from '../signature/store.js'

/** A store that keeps every contract. Each guard takes it whole and uses its own part. */
export interface Store extends HasKeyStore, HasRateStore, HasIdempotencyStore, HasReplayStore {
  /** Lets go of connections, files and timers. Idempotent. */
  close(): Promise<void>
}
