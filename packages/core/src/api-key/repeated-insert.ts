import type { KeyRecord } from './store.js'

const lasting = ['id', 'ownerId', 'algorithm', 'pepperId', 'digest', 'lookup', 'createdAtMs'] as const

/** Whether the key under this id is the one to be inserted: an insert whose answer was lost comes again as it was. */
export function isRepeatedInsert(known: KeyRecord, inserted: KeyRecord): boolean {
  return lasting.every((column) => known[column] === inserted[column])
}
