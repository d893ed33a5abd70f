import { afterEach, expect, test, vi } from 'vitest'
import * as crypto from './crypto.js'
import { RandomPool } from './random-pool.js'

/** What the system's generator was asked to fill, each time. */
const drawn: Uint8Array[] = []

vi.mock(import('./crypto.js'), async (original) => {
  const real = await original()
  return { ...real, fillRandom: vi.fn(real.fillRandom) }
})

vi.mocked(crypto.fillRandom).mockImplementation((target) => {
  drawn.push(target)
  // Counts up, so that each byte of a draw can be told from its neighbours.
  for (let at = 0; at < target.length; at++) target[at] = (at + drawn.length) % 251 || 1
})

afterEach(() => {
  drawn.length = 0
  vi.unstubAllGlobals()
})

test('many tokens come of one draw, in its order', () => {
  const pool = new RandomPool()
  const texts = Array.from({ length: 128 }, () => pool.text(32, 'hex'))
  expect(drawn).toHaveLength(1)
  const whole = Array.from({ length: 4096 }, (_, at) => (at + 1) % 251 || 1)
  expect(texts.join('')).toBe(Buffer.from(whole).toString('hex'))
  pool.text(1, 'hex')
  expect(drawn).toHaveLength(2)
})

test('what was handed out is wiped, and what is ahead is untouched', () => {
  const pool = new RandomPool()
  const own = new Uint8Array(16)
  pool.text(32, 'base64url')
  pool.fill(own)
  expect(drawn[0]!.findIndex((byte) => byte !== 0)).toBe(48)
  expect(own.every((byte) => byte !== 0)).toBe(true)
})

test.each([513, 4096, 5000])('%i bytes are drawn by themselves, and wiped', (size) => {
  const pool = new RandomPool()
  expect(pool.text(size, 'hex')).toHaveLength(2 * size)
  expect(drawn.map(({ length }) => length)).toEqual([size])
  expect(drawn[0]!.every((byte) => byte === 0)).toBe(true)
})

test('bytes of many go straight to where they are wanted', () => {
  const own = new Uint8Array(5000)
  new RandomPool().fill(own)
  expect(drawn).toEqual([own])
})

test('while a start-up snapshot is built nothing is drawn ahead', () => {
  const startupSnapshot = { isBuildingSnapshot: () => true }
  vi.stubGlobal('process', { getBuiltinModule: () => ({ startupSnapshot }) })
  const pool = new RandomPool()
  pool.text(32, 'hex')
  pool.text(32, 'hex')
  pool.text(16, 'hex')
  expect(drawn.map(({ length }) => length)).toEqual([32, 32, 16])
  expect(drawn.flatMap((bytes) => [...bytes]).every((byte) => byte === 0)).toBe(true)
})

test('a runtime that knows no snapshots draws ahead as any', () => {
  vi.stubGlobal('process', undefined)
  const pool = new RandomPool()
  pool.text(32, 'hex')
  pool.text(32, 'hex')
  expect(drawn).toHaveLength(1)
})
