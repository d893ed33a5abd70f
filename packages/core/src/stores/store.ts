import type { HasRateStore } from '../api-key/rate-store.js'
import type { HasKeyStore } from '../api-key/store.js'
import type { HasIdempotencyStore } from '../idempotency/store.js'
import type { HasTokenStore } from '../secrets/store.js'
import type { HasReplayStore } from '../signature/store.js'

/** A store that keeps every contract. Each feature takes it whole and uses its own part. */
export interface Store extends HasKeyStore, HasRateStore, HasIdempotencyStore, HasReplayStore, HasTokenStore {
  /** Lets go of connections, files and timers. Idempotent. */
  close(): Promise<void>
}
