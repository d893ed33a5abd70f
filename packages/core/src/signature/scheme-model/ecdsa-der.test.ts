import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { fromDer, toDer } from './ecdsa-der.js'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const bytes = (digits: string) => Buffer.from(digits.replaceAll(' ', ''), 'hex')

test('what OpenSSL writes is read, and written back as it was', () => {
  for (let count = 0; count < 64; count++) {
    const der = sign(
      'sha256',
      Buffer.from(`message ${count}`),
      createPrivateKey(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })),
    )
    const numbers = fromDer(der)
    expect(numbers).toHaveLength(64)
    expect(Buffer.from(toDer(numbers!))).toEqual(der)
  }
})

describe('of one signature there is one encoding', () => {
  test('small numbers are padded to 32 bytes', () => {
    const numbers = fromDer(bytes('30 07 02 01 01 02 02 00 80'))
    expect(Buffer.from(numbers!).toString('hex')).toBe(`${'01'.padStart(64, '0')}${'80'.padStart(64, '0')}`)
  })

  test.each([
    ['nothing', ''],
    ['another tag', '31 06 02 01 01 02 01 01'],
    ['a length in two bytes', '30 81 06 02 01 01 02 01 01'],
    ['a byte behind', '30 06 02 01 01 02 01 01 00'],
    ['a byte behind that is counted', '30 07 02 01 01 02 01 01 00'],
    ['one number', '30 03 02 01 01'],
    ['a negative number', '30 06 02 01 81 02 01 01'],
    ['a surplus zero', '30 07 02 02 00 01 02 01 01'],
    ['an empty number', '30 05 02 00 02 01 01'],
    ['a number of 33 bytes', `30 26 02 21 01${'00'.repeat(32)} 02 01 01`],
    ['a length past the end', '30 06 02 01 01 02 05 01'],
    ['an unending length', '30 80 02 01 01 02 01 01 00 00'],
  ])('%s is none', (_, digits) => {
    expect(fromDer(bytes(digits))).toBeUndefined()
  })
})
