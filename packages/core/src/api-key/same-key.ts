import type { KeyDigest, KeyRecord } from './store.js'

const digestColumns = ['algorithm', 'pepperId', 'digest'] as const
const lastingColumns = ['id', 'ownerId', 'lookup', 'createdAtMs', ...digestColumns] as const

type Lasting = Pick<KeyRecord, (typeof lastingColumns)[number]>

/** Whether the key under this id is the one to be inserted: an insert whose answer was lost comes again as it was. */
export function isRepeatedInsert(known: Lasting, inserted: Lasting): boolean {
  return lastingColumns.every((column) => known[column] === inserted[column])
}

/** Whether a key still has the digest that was read of it. Both come from the store: nothing here is guessed. */
export function isSameDigest(known: KeyDigest, read: KeyDigest): boolean {
  return digestColumns.every((column) => known[column] === read[column])
}
