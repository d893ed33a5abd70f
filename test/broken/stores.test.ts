import { AssertionError } from 'node:assert'
import { runStoreCase, type StoreCase, storeCases, storeSuite } from '@latchkey/conformance'
import { testClock } from '@latchkey/testing'
import { describe, expect, it } from 'vitest'
import { naiveStore } from './naive-store.js'
import { type StoreFlaw, storeFlaws } from './store-flaws.js'

function open(flaw?: StoreFlaw) {
  const { now, advanceSeconds } = testClock()
  const opened = naiveStore(now, flaw)
  return {
    ...opened,
    advance: (milliseconds: number) => advanceSeconds(milliseconds / 1000),
    damage: (id: string) => opened.store.idempotency.damage(id),
  }
}

async function failureOf(each: StoreCase, flaw: StoreFlaw): Promise<unknown> {
  try {
    await runStoreCase(each, open(flaw))
    return undefined
  } catch (error) {
    return error
  }
}

// Without a flaw it passes: whatever fails below fails for the flaw.
storeSuite('the naive store', { open })

/** What keys as an application has them find out, besides the case that is about the flaw alone. */
const foundByApiKeys: readonly [flaw: StoreFlaw, sentence: string][] = [
  ['notes uses in whole records', 'api keys: revoked while its uses are noted a key stays revoked, in every instance'],
  ['enables successors', 'api keys: a disabled key that is rotated stays disabled, and so is its successor'],
  ['spends, reading first', 'api keys: of 64 uses at once, over two instances, so many pass as the quota has left'],
  [
    'counts keys, reading first',
    'api keys: of 32 issued at once, over two instances, so many come about as their owner may have',
  ],
  [
    'gives a successor a meter of its own',
    'api keys: a rotated key and its successor have one rate limit between them, and one quota',
  ],
  ['prolongs a window with each request', 'api keys: traffic at exactly the rate of a limit is never refused'],
  ['keeps a window a millisecond too long', 'api keys: traffic at exactly the rate of a limit is never refused'],
]

describe('a store that', () => {
  const flaws = [...(Object.entries(storeFlaws) as [StoreFlaw, string][]), ...foundByApiKeys]
  it.each(flaws)('%s is found out: %s', async (flaw, sentence) => {
    const found = storeCases.find(({ name }) => name === sentence)
    if (found === undefined) throw new Error(`no case is named: ${sentence}`)
    expect(await failureOf(found, flaw)).toBeInstanceOf(AssertionError)
  })
})
