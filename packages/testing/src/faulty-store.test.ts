import { memoryStore, type Store, StoreError } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { faultyStore } from './faulty-store.js'
import { testKeys } from './test-keys.js'

const token = (id: string) => ({ id, subject: 's', purpose: 'p', data: '{}' })
const isAnswered = (answer: unknown) =>
  Promise.race([Promise.resolve(answer).then(() => true), new Promise((resolve) => setImmediate(resolve, false))])

describe('a faulty store', () => {
  test('is the store itself while there is no fault', async () => {
    const keys = testKeys({ store: faultyStore(memoryStore()).store })
    const { key } = await keys.issue({ ownerId: 'org_1', rateLimit: { limit: 1, windowSeconds: 60 } })
    expect(await keys.verify(key)).toMatchObject({ isValid: true })
    expect(await keys.verify(key)).toMatchObject({ isValid: false, reason: 'rate-limited' })
  })

  test('answers at once where the store does', () => {
    const { store } = faultyStore(memoryStore())
    expect(store.keys.find('a')).toBeUndefined()
  })

  test('fail: the call rejects, and nothing was done', async () => {
    const inner = memoryStore()
    const { store, inject, heal } = faultyStore(inner)
    inject('tokens.insert', 'fail')
    await expect(store.tokens.insert(token('a'), 60, false)).rejects.toThrow(StoreError)
    heal()
    expect(await store.tokens.consume('a')).toBeUndefined()
  })

  test('lose-answer: the call rejects, and was carried out', async () => {
    const { store, inject } = faultyStore(memoryStore())
    inject('tokens.insert', 'lose-answer')
    await expect(store.tokens.insert(token('a'), 60, false)).rejects.toMatchObject({ fault: 'unavailable' })
    expect(await store.tokens.consume('a')).toEqual(token('a'))
  })

  test('hang: the call is not answered, and nothing was done', async () => {
    const { store, inject } = faultyStore(memoryStore())
    inject('tokens.insert', 'hang')
    expect(await isAnswered(store.tokens.insert(token('a'), 60, false))).toBe(false)
    expect(await isAnswered(store.tokens.consume('a'))).toBe(true)
  })

  test('a fault lasts for as many calls as it is told', async () => {
    const { store, inject } = faultyStore(memoryStore())
    inject('keys.find', 'fail', { times: 2 })
    await expect(store.keys.find('a')).rejects.toThrow('keys.find fails')
    await expect(store.keys.find('a')).rejects.toThrow('keys.find fails')
    expect(await store.keys.find('a')).toBeUndefined()
  })

  test('a fault in a part is one in all its methods, save those that have their own', async () => {
    const { store, inject } = faultyStore(memoryStore())
    inject('tokens', 'fail')
    inject('tokens.consume', 'ok')
    await expect(store.tokens.revokeAll('s')).rejects.toThrow('tokens.revokeAll fails')
    expect(await store.tokens.consume('a')).toBeUndefined()
    expect(await store.keys.find('a')).toBeUndefined()
  })

  test('calls are counted by method and by part, whatever became of them', async () => {
    const { store, inject, calls } = faultyStore(memoryStore())
    await store.tokens.consume('a')
    inject('tokens', 'fail', { times: 1 })
    await expect(store.tokens.revokeAll('s')).rejects.toThrow()
    expect([calls('tokens'), calls('tokens.consume'), calls('tokens.insert'), calls('keys')]).toEqual([2, 1, 0, 0])
  })

  test('has what else the store has, and works on the store itself', async () => {
    class Own {
      readonly #tables: string[] = []
      readonly tokens = memoryStore().tokens
      readonly name = 'own'
      migrate(): number {
        return this.#tables.push('tokens')
      }
    }
    const { store, inject } = faultyStore(Object.freeze(new Own()))
    inject('tokens', 'fail')
    expect([store.name, store.migrate()]).toEqual(['own', 1])
    await expect(store.tokens.consume('a')).rejects.toThrow()
  })

  test.each([
    ['keys.fnid', 'fail'],
    ['keys.watch', 'fail'],
    ['close', 'fail'],
    ['keys', 'explode'],
  ])('there is no fault %s %s', (place, fault) => {
    expect(() => faultyStore(memoryStore()).inject(place as 'keys', fault as 'fail')).toThrow('faultyStore: ')
  })

  test('a part that the store has not cannot fail', () => {
    const { keys } = memoryStore()
    expect(() => faultyStore({ keys }).inject('tokens', 'fail')).toThrow('the store has no place "tokens"')
  })

  test('a store without a prototype is one as any other', async () => {
    const bare = Object.assign(Object.create(null), memoryStore()) as Store
    const { store, inject } = faultyStore(bare)
    inject('tokens', 'fail')
    await expect(store.tokens.consume('a')).rejects.toThrow()
  })

  test.each([0, 1.5, -1, Number.NaN])('%s calls are no time for a fault', (times) => {
    expect(() => faultyStore(memoryStore()).inject('keys', 'fail', { times })).toThrow('a whole number from 1 up')
  })
})
