import { BlockList, isIPv4 } from 'node:net'
import { describe, expect, test } from 'vitest'
import { ipAddresses } from './index.js'

const { isRange, isWithin } = ipAddresses()

describe('a range', () => {
  test.each([
    '192.0.2.7',
    '0.0.0.0',
    '0.0.0.0/0',
    '10.0.0.0/8',
    '10.1.2.3/8',
    '255.255.255.255/32',
    '::',
    '::/0',
    '2001:db8::/32',
    '2001:DB8::1/32',
    '2001:db8:0:0:0:0:0:1',
    '::ffff:192.0.2.7',
    '::ffff:192.0.2.0/120',
    '::192.0.2.7',
    '64:ff9b::192.0.2.33/96',
  ])('%s is one', (text) => {
    expect(isRange(text)).toBe(true)
  })

  test.each([
    ['nothing', ''],
    ['a name', 'localhost'],
    ['a star', '*'],
    ['a leading zero, which is octal to some', '010.0.0.1'],
    ['leading zeros in a range', '010.0.0.0/8'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['one number', '2130706433'],
    ['fewer than four numbers', '127.1'],
    ['fewer than four numbers and a length', '10/8'],
    ['a number too many', '1.2.3.4.5'],
    ['a number too high', '256.0.0.1'],
    ['digits of another script', '١.2.3.4'],
    ['a space in front', ' 1.2.3.4'],
    ['a line break behind', '1.2.3.4\n'],
    ['a port', '1.2.3.4:80'],
    ['brackets', '[::1]'],
    ['a zone', 'fe80::1%eth0'],
    ['a length of nothing', '10.0.0.0/'],
    ['a length too high', '10.0.0.0/33'],
    ['a length too high for IPv6', '2001:db8::/129'],
    ['a negative length', '10.0.0.0/-1'],
    ['a length with a leading zero', '10.0.0.0/08'],
    ['a mask', '10.0.0.0/255.0.0.0'],
    ['two lengths', '10.0.0.0/8/8'],
    ['two gaps', '1::2::3'],
    ['a group too many', '1:2:3:4:5:6:7:8:9'],
    ['a group too few', '1:2:3:4:5:6:7'],
    ['a group of five digits', '::00001'],
    ['octal at the end of IPv6', '::ffff:010.0.0.1'],
    ['hexadecimal at the end of IPv6', '::ffff:0x1.2.3.4'],
    ['what is endless', `::${'0'.repeat(100_000)}1`],
  ])('%s is none', (_, text) => {
    expect(isRange(text)).toBe(false)
  })
})

describe('an address', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '192.0.2.0/24'],
    ['192.0.2.7', '192.0.2.200/24'],
    ['192.0.2.7', '0.0.0.0/0'],
    ['10.255.255.255', '10.0.0.0/8'],
    ['2001:db8::1', '2001:db8::/32'],
    ['2001:DB8:0:0::1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::/10'],
    ['::ffff:192.0.2.7', '192.0.2.0/24'],
    ['::ffff:c000:207', '192.0.2.7'],
    ['::FFFF:192.0.2.7', '192.0.2.7'],
    ['192.0.2.7', '::ffff:192.0.2.0/120'],
    ['192.0.2.7', '::ffff:192.0.2.7'],
  ])('%s is within %s', (address, range) => {
    expect(isWithin(address, ['203.0.113.1', range])).toBe(true)
  })

  test.each([
    ['192.0.3.7', '192.0.2.0/24'],
    ['11.0.0.0', '10.0.0.0/8'],
    ['2001:db9::1', '2001:db8::/32'],
    ['192.0.2.7', '::/0'],
    ['::ffff:192.0.2.7', '::/0'],
    ['::ffff:192.0.2.7', '::ffff:0:0/80'],
    ['2001:db8::1', '0.0.0.0/0'],
    ['::192.0.2.7', '192.0.2.7'],
    ['010.0.0.1', '10.0.0.1'],
    ['010.0.0.1', '8.0.0.1'],
    ['192.0.2.7:443', '192.0.2.7'],
    ['192.0.2.7, 198.51.100.1', '192.0.2.7'],
    ['', '0.0.0.0/0'],
    ['unknown', '0.0.0.0/0'],
  ])('%s is not within %s', (address, range) => {
    expect(isWithin(address, [range])).toBe(false)
  })

  test('is within nothing where there are no ranges, or none that can be read', () => {
    expect(isWithin('192.0.2.7', [])).toBe(false)
    expect(isWithin('192.0.2.7', ['', '192.0.2.0/33', '0192.0.2.7'])).toBe(false)
    expect(isWithin('192.0.2.7', ['nonsense', '192.0.2.7'])).toBe(true)
  })
})

test('what Node itself says of addresses and ranges is the same', () => {
  let seed = 0
  const draw = (bound: number) => Math.floor(Math.sin(++seed) ** 2 * bound)
  const ipv4 = () => Array.from({ length: 4 }, () => draw(4)).join('.')
  const ipv6 = () => `2001:db8::${Array.from({ length: 3 }, () => draw(4).toString(16)).join(':')}`
  const other: string[] = []
  for (let round = 0; round < 2000; round++) {
    const [base, address] = round % 2 === 0 ? [ipv4(), ipv4()] : [ipv6(), ipv6()]
    const family = isIPv4(base) ? 'ipv4' : 'ipv6'
    const bits = draw(family === 'ipv4' ? 33 : 129)
    const list = new BlockList()
    list.addSubnet(base, bits, family)
    if (isWithin(address, [`${base}/${bits}`]) !== list.check(address, family)) other.push(`${address} ${base}/${bits}`)
  }
  expect(other).toEqual([])
})

test('however many ranges are asked about, the answers are right', () => {
  const { isWithin: asked } = ipAddresses()
  const ranges = Array.from({ length: 12_000 }, (_, index) => `10.${index >> 8}.${index & 255}`)
  expect(ranges.filter((range) => !asked(`${range}.9`, [`${range}.0/24`]))).toEqual([])
  expect(ranges.filter((range) => asked('10.0.0.9', [`${range}.0/24`]))).toEqual(['10.0.0'])
})
