import { describe, expect, test } from 'vitest'
import { sortedForm } from './form.js'

const sorted = (body: string | Uint8Array) =>
  Buffer.from(sortedForm(typeof body === 'string' ? Buffer.from(body) : body)).toString('latin1')

describe('the parameters of a form', () => {
  test.each([
    ['b=2&a=1', 'a1b2'],
    ['a=2&a=1&a=2', 'a1a2'],
    ['a=x+y%2Bz', 'ax y+z'],
    ['a&b=', 'ab'],
    ['&&a=1&', 'a1'],
    ['a=1=2', 'a1=2'],
    ['a=%zz%4', 'a%zz%4'],
    ['__proto__=1&constructor=2', '__proto__1constructor2'],
    ['Digits=1&DigitsA=2', 'Digits1DigitsA2'],
    ['', ''],
  ])('%j is signed as %j', (body, content) => {
    expect(sorted(body)).toBe(content)
  })

  test('bytes that are no UTF-8 stay what they are, escaped or not', () => {
    expect(sorted(Uint8Array.of(0x61, 0x3d, 0xff))).toBe('a\xff')
    expect(sorted('a=%FF')).toBe('a\xff')
    expect(sorted('a=%EF%BF%BD')).toBe('a\xef\xbf\xbd')
  })
})
