/**
 * Takes out of a map or a set what has been there longest, where it holds more than `most`: a hundredth of them, so that asking for
 * the first entry, which in a large map means to look past all that were taken out before, is not done for each that comes.
 */
export function makeRoom<Key>(
  entries: { readonly size: number; keys(): Iterable<Key>; delete(key: Key): boolean },
  most: number,
): void {
  if (entries.size <= most) return
  const left = most - Math.floor(most / 100)
  for (const key of entries.keys()) {
    entries.delete(key)
    if (entries.size <= left) return
  }
}
