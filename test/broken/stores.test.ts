import { AssertionError } from 'node:assert'
import { runStoreCase, type StoreCase, storeCases, storeSuite } from '@latchkey/conformance'
import { describe, expect, it } from 'vitest'
import { naiveStore } from './naive-store.js'
import { type StoreFlaw, storeFlaws } from './store-flaws.js'

function open(flaw?: StoreFlaw) {
  let nowMs = 1_790_000_000_000
  const opened = naiveStore(() => nowMs, flaw)
  return {
    ...opened,
    advance: (milliseconds: number) => {
      nowMs += milliseconds
    },
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

describe('a store that', () => {
  it.each(Object.entries(storeFlaws) as [StoreFlaw, string][])('%s is found out: %s', async (flaw, sentence) => {
    const found = storeCases.find(({ name }) => name === sentence)
    if (found === undefined) throw new Error(`no case is named: ${sentence}`)
    expect(await failureOf(found, flaw)).toBeInstanceOf(AssertionError)
  })
})
