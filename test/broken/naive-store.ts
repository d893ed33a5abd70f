import type { Store } from '@latchkey/core'
import { NaiveKeys } from './naive-keys.js'
import { NaiveMessages } from './naive-messages.js'
import { NaiveRates } from './naive-rates.js'
import { NaiveRecords } from './naive-records.js'
import { NaiveTokens } from './naive-tokens.js'
import type { StoreFlaw } from './store-flaws.js'

/** The plainest store that keeps every contract, but for one flaw; and another on the same keys and rates. */
export function naiveStore(
  now: () => number,
  flaw: StoreFlaw | undefined,
): { store: Store & { idempotency: NaiveRecords }; another(): Store } {
  const has = (...flaws: StoreFlaw[]): boolean => flaw !== undefined && flaws.includes(flaw)
  const rates = new NaiveRates(now, has)
  const storeOn = (keys: NaiveKeys) => ({
    idempotency: new NaiveRecords(now, has),
    replay: new NaiveMessages(now, has),
    rates,
    tokens: new NaiveTokens(now, has),
    keys,
    close: async () => keys.close(),
  })
  const keys = new NaiveKeys(has)
  return { store: storeOn(keys), another: () => storeOn(new NaiveKeys(has, keys)) }
}
