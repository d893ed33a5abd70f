import type { KeyRecord } from '../store.js'

/**
 * Whether a key has been unused for as long as it may be: counted from its last use, or else from its making. Where a time
 * cannot be read, it has.
 */
export function isIdle(
  { idleSeconds, lastUsedAtMs, createdAtMs }: Pick<KeyRecord, 'idleSeconds' | 'lastUsedAtMs' | 'createdAtMs'>,
  nowMs: number,
): boolean {
  if (idleSeconds === null) return false
  const sinceMs = lastUsedAtMs ?? createdAtMs
  const isReadable = Number.isFinite(sinceMs) && Number.isFinite(idleSeconds)
  return !(isReadable && nowMs < sinceMs + idleSeconds * 1000)
}
