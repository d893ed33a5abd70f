import { storeSuite } from '@latchkey/conformance'
import { memoryStore } from '@latchkey/core'

function open() {
  let nowMs = 1_790_000_000_000
  return {
    store: memoryStore({ now: () => nowMs }),
    advance: (milliseconds: number) => {
      nowMs += milliseconds
    },
  }
}

storeSuite('the memory store', { open })

storeSuite('the memory store, taken for one whose clock nobody can stop', { open, clock: 'running', timeScale: 0.1 })
