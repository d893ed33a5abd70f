import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Gathering } from './request-body.js'

const gathered = (pieces: readonly Uint8Array[]) => {
  const gathering = new Gathering()
  for (const piece of pieces) gathering.add(piece)
  return gathering
}

describe('pieces gathered together', () => {
  test('are all their bytes in order, whatever their sizes', () => {
    const size = fc.oneof(fc.nat(40), fc.nat(9000), fc.constantFrom(0, 1, 4095, 4096, 65_536, 70_000))
    fc.assert(
      fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
        const pieces = sizes.map((length, index) => new Uint8Array(length).fill(index + 1))
        const gathering = gathered(pieces)
        expect(Buffer.concat(pieces).equals(gathering.whole())).toBe(true)
        expect(gathering.length).toBe(gathering.whole().length)
        gathering.add(Uint8Array.of(1, 2))
        expect(Buffer.concat([...pieces, Uint8Array.of(1, 2)]).equals(gathering.whole())).toBe(true)
      }),
    )
  })

  test('a single one is handed back as it came', () => {
    const piece = new Uint8Array(10)
    expect(gathered([piece]).whole()).toBe(piece)
  })

  test('large ones wait uncopied, so that each byte is copied once', () => {
    const pieces = [new Uint8Array(65_536), new Uint8Array(4096)]
    const gathering = gathered(pieces)
    for (const [index, piece] of pieces.entries()) piece.fill(index + 1)
    expect(Buffer.concat(pieces).equals(gathering.whole())).toBe(true)
  })

  test.each([
    ['short', () => new Uint8Array(4095)],
    ['a small part of what it keeps in memory', () => new Uint8Array(65_536).subarray(0, 5000)],
  ])('one that is %s is copied at once', (_, make) => {
    const pieces = [make(), make(), make()]
    const gathering = gathered(pieces)
    for (const piece of pieces) piece.fill(1)
    expect(gathering.whole().every((byte) => byte === 0)).toBe(true)
  })
})
