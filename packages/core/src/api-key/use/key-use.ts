import { tell } from '../../observe.js'
import { Recent } from '../../recent.js'
import type { ApiKeysSettings } from '../api-keys-options.js'
import type { KeyHasher } from '../key/digest.js'
import type { PresentedKey } from '../key/presented-key.js'
import type { KeyRecord } from '../store.js'
import { BackgroundWrites } from './background-writes.js'
import { settleRotation } from './first-use.js'
import { LastUses } from './last-uses.js'

/** What the use of a key brings about, beside the request and never in its way. */
export interface KeyUse {
  /** Told of each verified use of a key. Never throws. */
  onUse(record: KeyRecord, key: string, nowMs: number): void
  /** The record with the latest use that this process knows of. */
  seen(record: KeyRecord): KeyRecord
  /** Resolves when every use is written, as far as the store lets it. Never rejects. */
  flush(): Promise<void>
}

const minuteMs = 60_000
const dayMs = 86_400_000
const mostRemembered = 10_000

/** Notes last uses, ends rotated keys, renews digests, and warns of keys that end soon. */
export function keyUse(
  { store, now, observe, expiringSeconds }: ApiKeysSettings,
  hasher: KeyHasher,
  identify: (key: string) => PresentedKey | undefined,
): KeyUse {
  const writes = new BackgroundWrites()
  const renewed = new Recent(minuteMs, mostRemembered)
  const warned = new Recent(dayMs, mostRemembered)
  const failed = (keyId: string, error: unknown) => tell(observe, { type: 'api-key.write_failed', keyId, error })
  const uses = new LastUses(
    writes,
    (id, { usedMs, firstMs, successor }) =>
      successor === undefined
        ? store.touch(id, usedMs)
        : // In this order: a use that is written says that the old key's end is settled.
          settleRotation(store, successor, firstMs).then(() => store.touch(id, usedMs)),
    failed,
    now,
  )

  /** The row is replaced only if it still is the one that the key has proven. */
  const renew = (record: KeyRecord, key: string, nowMs: number): void => {
    const { id, algorithm, pepperId, digest } = record
    const lookup = identify(key)?.lookupOf(record) ?? null
    if (!renewed.admit(id, nowMs)) return
    const work = () => store.rehash(id, { algorithm, pepperId, digest }, { ...hasher.hash(key), lookup })
    const isBegun = writes.begin(`digest ${id}`, work, (error) => {
      renewed.forget(id)
      failed(id, error)
    })
    if (!isBegun) renewed.forget(id)
  }

  const warn = ({ id, ownerId, expiresAtMs }: KeyRecord, nowMs: number): void => {
    if (expiresAtMs === null || expiresAtMs - nowMs > expiringSeconds * 1000 || !warned.admit(id, nowMs)) return
    tell(observe, { type: 'api-key.expiring', keyId: id, ownerId, expiresAtMs })
  }

  return {
    onUse: (record, key, nowMs) => {
      const { id: keyId, ownerId, environment, rotatedTo } = record
      if (uses.note(record, nowMs)) {
        tell(observe, { type: 'api-key.used', keyId, ownerId, environment })
        if (rotatedTo !== null) tell(observe, { type: 'api-key.rotated_key_used', keyId, ownerId, rotatedTo })
      }
      if (!hasher.isCurrent(record)) renew(record, key, nowMs)
      if (expiringSeconds > 0) warn(record, nowMs)
    },
    seen: (record) => {
      const lastUsedAtMs = record.idleSeconds === null ? record.lastUsedAtMs : uses.latest(record)
      return lastUsedAtMs === record.lastUsedAtMs ? record : { ...record, lastUsedAtMs }
    },
    flush: () => uses.flush(),
  }
}
