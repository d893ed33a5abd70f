import type { KeyRecord } from '@latchkey/core'
import type { Has } from './store-flaws.js'

/** The record as it is kept. */
export function copyOf(record: KeyRecord, has: Has): KeyRecord {
  if (has('keeps the record of the giver')) return record
  const copy = structuredClone(record)
  if (has('keeps UTF-8 for names')) return { ...copy, ownerId: Buffer.from(record.ownerId).toString() }
  return has('copies metadata name by name') ? { ...copy, metadata: assigned(record.metadata) } : copy
}

function assigned(metadata: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(metadata)) copy[name] = value
  return copy
}
