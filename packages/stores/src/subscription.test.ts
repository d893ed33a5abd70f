import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Line, type Listener, Subscription } from './subscription.js'

/** A line whose answers the test gives. */
class TestLine implements Line {
  readonly listener: Listener
  readonly #opening = withResolvers()
  pings = 0
  ends = 0
  isAlive = true

  constructor(listener: Listener) {
    this.listener = listener
  }

  get opened(): Promise<void> {
    return this.#opening.promise
  }

  ping(): Promise<void> {
    this.pings++
    return this.isAlive ? Promise.resolve() : new Promise(() => undefined)
  }

  end(): void {
    this.ends++
  }

  async open(): Promise<void> {
    this.#opening.resolve()
    await vi.advanceTimersByTimeAsync(0)
  }

  async fail(): Promise<void> {
    this.#opening.reject(new Error('refused'))
    await vi.advanceTimersByTimeAsync(0)
  }
}

function withResolvers() {
  let resolve!: () => void
  let reject!: (error: unknown) => void
  const promise = new Promise<void>((...both) => {
    ;[resolve, reject] = both
  })
  return { promise, resolve, reject }
}

let lines: TestLine[]
let told: unknown[]
let subscription: Subscription

const watcher = {
  changed: (id?: string) => told.push(`changed ${id}`),
  heard: () => told.push('heard'),
  lost: (error: unknown) => told.push(`lost: ${(error as Error).message}`),
}
const line = () => lines.at(-1)!
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

beforeEach(() => {
  vi.useFakeTimers()
  lines = []
  told = []
  const open = (listener: Listener) => {
    lines.push(new TestLine(listener))
    return line()
  }
  subscription = new Subscription(
    () => open,
    (error) => new Error(`mapped ${(error as Error).message}`),
  )
})
afterEach(() => {
  subscription.close()
  vi.useRealTimers()
})

describe('a line', () => {
  test('is opened when somebody watches, once for all, and heard once it is open', async () => {
    expect(lines).toHaveLength(0)
    subscription.watch(watcher)
    subscription.watch({ ...watcher })
    expect([lines.length, told]).toEqual([1, []])
    await line().open()
    expect(told).toEqual(['heard', 'heard'])
    line().listener.changed('a')
    expect(told.slice(2)).toEqual(['changed a', 'changed a'])
  })

  test('is pinged every two seconds as long as it answers', async () => {
    subscription.watch(watcher)
    await line().open()
    await pass(20_000)
    expect([line().pings, lines.length, told]).toEqual([10, 1, ['heard']])
  })

  test('that is silent for two seconds is lost, ended, and replaced', async () => {
    subscription.watch(watcher)
    await line().open()
    line().isAlive = false
    await pass(3999)
    expect(told).toEqual(['heard'])
    await pass(1)
    expect(told).toEqual(['heard', 'lost: mapped timeout: the subscription is silent'])
    expect(lines[0]!.ends).toBe(1)
    await pass(50)
    await line().open()
    expect([lines.length, told.at(-1)]).toEqual([2, 'heard'])
  })

  test('that does not open within two seconds is given up, and nothing that it says later counts', async () => {
    subscription.watch(watcher)
    await pass(2050)
    expect(lines).toHaveLength(2)
    await lines[0]!.open()
    lines[0]!.listener.changed('a')
    lines[0]!.listener.lost(new Error('late'))
    expect(told).toEqual(['lost: mapped timeout: the subscription is silent'])
    expect([lines[0]!.ends, lines[1]!.ends]).toEqual([1, 0])
  })

  test('that fails again and again is tried at least every half second, and told of once', async () => {
    subscription.watch(watcher)
    for (let attempt = 1; attempt <= 20; attempt++) {
      expect(lines).toHaveLength(attempt)
      await line().fail()
      expect(lines).toHaveLength(attempt)
      await pass(500)
    }
    expect(told).toEqual(['lost: mapped refused'])
    await line().open()
    expect(told.at(-1)).toBe('heard')
  })
})

test('closed, it ends its line, opens none, and says so once', async () => {
  subscription.watch(watcher)
  await line().open()
  for (let time = 0; time < 2; time++) subscription.close()
  line().listener.lost(new Error('ended'))
  line().listener.changed('a')
  subscription.changed('a')
  await pass(60_000)
  expect([lines.length, line().ends, line().pings]).toEqual([1, 1, 0])
  expect(told).toEqual(['heard', 'lost: The store is closed'])
})

test('closed while it waits to open another line, it opens none, nor for those who watch later', async () => {
  subscription.watch(watcher)
  await line().fail()
  subscription.close()
  subscription.watch(watcher)
  await pass(60_000)
  expect(lines).toHaveLength(1)
})

test('a write of its own is told whether or not anything is heard', () => {
  subscription.watch(watcher)
  subscription.changed('a')
  expect(told).toEqual(['changed a'])
})
