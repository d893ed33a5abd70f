import type { Store } from '@latchkey/core'
import { NaiveKeys } from './naive-keys.js'
import { NaiveMessages } from './naive-messages.js'
import { NaiveRecords } from './naive-records.js'
import type { StoreFlaw } from './store-flaws.js'

/** The plainest store that keeps every contract, but for one flaw. */
export function naiveStore(now: () => number, flaw: StoreFlaw | undefined): Store & { idempotency: NaiveRecords } {
  const has = (...flaws: StoreFlaw[]): boolean => flaw !== undefined && flaws.includes(flaw)
  return {
    idempotency: new NaiveRecords(now, has),
    replay: new NaiveMessages(now, has),
    keys: new NaiveKeys(has),
    close: async () => undefined,
  }
}
