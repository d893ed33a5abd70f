import type { KeyRecord } from './store.js'

/** Whether a key has been unused for as long as it may be: counted from its last use, or else from its making. */
export function isIdle(
  { idleSeconds, lastUsedAtMs, createdAtMs }: Pick<KeyRecord, 'idleSeconds' | 'lastUsedAtMs' | 'createdAtMs'>,
  nowMs: number,
): boolean {
  return idleSeconds !== null && !(nowMs < (lastUsedAtMs ?? createdAtMs) + idleSeconds * 1000)
}
