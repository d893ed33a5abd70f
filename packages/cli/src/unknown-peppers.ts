import type { Peppers, Store } from '@latchkey/core'

/** So many keys are looked at. */
const sampled = 1000

/**
 * Peppers that keys in the store name, and that are not given here. Without them those keys cannot be identified, and what was
 * imported before is not found to be there.
 */
export async function unknownPeppers({ keys }: Store, peppers: Peppers | undefined): Promise<readonly string[]> {
  const named = (await keys.list({ limit: sampled })).flatMap(({ pepperId }) => pepperId ?? [])
  return [...new Set(named)].filter((name) => !Object.hasOwn(peppers?.secrets ?? {}, name))
}
