import { tell } from '../../observe.js'
import { OptionReader } from '../../option-reader.js'
import type { ApiKeysSettings } from '../api-keys-options.js'
import type { KeyHasher } from '../key/digest.js'
import { underFreshId } from '../key/fresh-id.js'
import { isKeyId, mintKey } from '../key/grammar.js'
import { type IssuedApiKey, issuedKey } from '../key/issued-key.js'
import type { KeyRecord, Successor } from '../store.js'
import { isIdle } from '../verification/idle.js'
import { endOfTimeMs, readEnd } from './key-fields.js'
import { ApiKeyLifecycleError } from './lifecycle-error.js'

/** How a key is rotated. */
export interface RotationOptions {
  /**
   * How long the old key goes on, in whole seconds, 0 to 90 days; never beyond its own end.
   *
   * @defaultValue `86400`: a day
   */
  readonly graceSeconds?: number
  /**
   * When that time begins: now, or at the first use of the new key; until then the old key goes on to its own end.
   *
   * @defaultValue `'now'`
   */
  readonly graceFrom?: 'now' | 'first-use'
  /**
   * From when the new key is refused, as a date or in epoch milliseconds; `null`: never.
   *
   * @defaultValue as long from now as the old key's end was from its making; never, where it had none
   */
  readonly expiresAt?: Date | number | null
}

const secondsOfDay = 86_400
const mostGraceSeconds = 90 * secondsOfDay

/** Puts a new key in the place of another. */
export function keyRotation(
  { store, prefixes, now, random, observe }: ApiKeysSettings,
  hasher: KeyHasher,
  seen: (record: KeyRecord) => KeyRecord,
): (id: string, options?: RotationOptions) => Promise<IssuedApiKey> {
  const prefix = prefixes[0]!
  return async (id, options = {}) => {
    const nowMs = now()
    const read = new OptionReader('rotate', options, ['graceSeconds', 'graceFrom', 'expiresAt'])
    const graceSeconds = read.integer('graceSeconds', secondsOfDay, 0, mostGraceSeconds)
    const isFromNow = read.oneOf('graceFrom', ['now', 'first-use'], 'now') === 'now'
    const chosenEndMs = readEnd(read, nowMs)
    const old = isKeyId(id) ? await store.find(id) : undefined
    if (!old) throw new ApiKeyLifecycleError('absent')
    // Revoked and rotated are told first: they are for good. The store judges them, and an end, at the moment of rotation.
    const isBarred = old.revokedAtMs !== null || old.rotatedTo !== null
    if (!isBarred && isIdle(seen(old), nowMs)) throw new ApiKeyLifecycleError('expired')
    return underFreshId(async () => {
      const { id: successorId, key } = mintKey(prefix, old.environment, random)
      const successor: Successor = {
        ...{ id: successorId, prefix, ...hasher.hash(key), createdAtMs: nowMs },
        expiresAtMs: chosenEndMs === undefined ? sameLife(old, nowMs) : chosenEndMs,
        graceOnUseSeconds: isFromNow ? null : graceSeconds,
      }
      const rotation = await store.rotate(id, successor, isFromNow ? nowMs + graceSeconds * 1000 : null)
      if (rotation === 'taken') return rotation
      if (rotation !== 'ok') throw new ApiKeyLifecycleError(rotation)
      const { ownerId, environment } = old
      tell(observe, { type: 'api-key.rotated', keyId: id, rotatedTo: successorId, ownerId, environment })
      const links = { rotatedFrom: id, rotatedTo: null, lookup: null, lastUsedAtMs: null }
      return issuedKey(key, { ...old, ...successor, ...links })
    })
  }
}

/** A key that was to live for a year is followed by one that lives for a year. */
function sameLife({ createdAtMs, expiresAtMs }: KeyRecord, nowMs: number): number | null {
  return expiresAtMs === null ? null : Math.min(nowMs + expiresAtMs - createdAtMs, endOfTimeMs)
}
