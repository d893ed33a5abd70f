import { chained } from '../../deadline.js'
import type { Awaitable } from '../../guard.js'
import type { KeyStore } from '../store.js'
import { type ApiKeyInfo, apiKeyInfo } from './api-key-info.js'
import type { PresentedKey } from './presented-key.js'

/** Tells which key it is that somebody found or asks about. */
export function keyIdentification(
  store: KeyStore,
  identify: (key: string) => PresentedKey | undefined,
): (key: string) => Awaitable<ApiKeyInfo | undefined> {
  return (key) => {
    const presented = identify(key)
    if (presented === undefined) return undefined
    return chained(presented.find(store), (record) =>
      chained(presented.isProvenBy(record), (isRight) => {
        if (!record || !isRight) return undefined
        // The key itself names its id: that of a record which cannot be read may be another key's.
        return apiKeyInfo({ ...record, id: presented.parsed?.id ?? record.id })
      }),
    )
  }
}
