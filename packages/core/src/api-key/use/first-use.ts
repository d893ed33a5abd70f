import type { KeyRecord, KeyStore } from '../store.js'

/** A chain of rotations of which none was used is not longer than anybody's patience. */
const mostRotations = 100

/**
 * Ends what a key took the place of, at the first use of that key: its grace begins then. A key in between that was never used
 * has left the end of the one before it open; that is settled, too. Done again it changes nothing: the earlier end stands.
 */
export async function settleRotation(store: KeyStore, used: KeyRecord, usedMs: number): Promise<void> {
  let successor: KeyRecord | undefined = used
  for (let step = 0; step < mostRotations && successor?.rotatedFrom; step++) {
    const { rotatedFrom, graceOnUseSeconds }: KeyRecord = successor
    if (graceOnUseSeconds !== null) await store.shorten(rotatedFrom, usedMs + graceOnUseSeconds * 1000)
    const before: KeyRecord | undefined = await store.find(rotatedFrom)
    // A use that was written has settled what came before it.
    successor = before?.lastUsedAtMs === null ? before : undefined
  }
}
