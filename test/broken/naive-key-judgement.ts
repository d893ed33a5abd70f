import type { KeyQuery, KeyRecord, KeyRotation, Successor } from '@latchkey/core'
import type { Has } from './store-flaws.js'

/** The page that a query asks for. */
export function listed(records: readonly KeyRecord[], query: KeyQuery, has: Has): KeyRecord[] {
  const { ownerId, environment, nameContains, after, limit } = query
  const isOwners = (record: KeyRecord): boolean => {
    if (ownerId === undefined || has('lists the keys of all owners')) return true
    return has('takes owners for patterns') ? pattern(ownerId, '^$').test(record.ownerId) : record.ownerId === ownerId
  }
  const isThere = (record: KeyRecord): boolean =>
    environment === undefined || record.environment === environment || has('lists all environments')
  return records
    .filter((record) => isOwners(record) && isThere(record) && (after === undefined || record.id > after))
    .filter((record) => nameContains === undefined || isNamed(record, nameContains, has))
    .sort((a, b) => (a.id < b.id ? -1 : 1) * (has('lists keys backwards') ? -1 : 1))
    .slice(0, limit)
}

/** Whether a key counts when another one of its owner's is added. */
export function isActive(record: KeyRecord, { ownerId, createdAtMs }: KeyRecord, has: Has): boolean {
  if (record.ownerId !== ownerId && !has('counts the keys of all owners')) return false
  if (has('counts keys that are over')) return true
  return record.revokedAtMs === null && (record.expiresAtMs === null || record.expiresAtMs > createdAtMs)
}

/** Why a key is not rotated; `undefined`: it may be. */
export function barOf(old: KeyRecord, { createdAtMs }: Successor, isTaken: boolean, has: Has): KeyRotation | undefined {
  if (!has('rotates what is over')) {
    if (old.revokedAtMs !== null) return 'revoked'
    if (old.rotatedTo !== null) return 'rotated'
    if (old.expiresAtMs !== null && old.expiresAtMs <= createdAtMs) return 'expired'
  }
  return isTaken && !has('rotates to an id that is taken') ? 'taken' : undefined
}

function isNamed({ name }: KeyRecord, text: string, has: Has): boolean {
  if (name === null) return false
  if (has('takes names for patterns')) return pattern(text, '').test(name)
  return has('takes names in any case') ? name.toLowerCase().includes(text.toLowerCase()) : name.includes(text)
}

/** As `LIKE` has it; `ends` are `^$` where the whole text has to fit. */
function pattern(text: string, ends: '^$' | ''): RegExp {
  const body = text.replaceAll('\\', '\\\\').replaceAll('%', '.*').replaceAll('_', '.')
  return new RegExp(ends === '' ? body : `^${body}$`, 's')
}
