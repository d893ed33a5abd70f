import { storeSuite } from '@latchkey/conformance'
import { memoryStore } from '@latchkey/core'
import { testClock } from '@latchkey/testing'

function open() {
  const { now, advanceSeconds } = testClock()
  return { store: memoryStore({ now }), advance: (milliseconds: number) => advanceSeconds(milliseconds / 1000) }
}

storeSuite('the memory store', { open })

storeSuite('the memory store, taken for one whose clock nobody can stop', { open, clock: 'running', timeScale: 0.1 })
