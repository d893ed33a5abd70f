import { randomFillSync } from 'node:crypto'

const pool = Buffer.allocUnsafeSlow(4096)
const size = 32
let at = pool.length

/** A token of 256 bits from a pool of random bytes, each wiped as it is spelled out. */
export function pooledToken(): string {
  if (at === pool.length) {
    randomFillSync(pool)
    at = 0
  }
  const end = at + size
  const token = pool.base64urlSlice(at, end)
  pool.fill(0, at, end)
  at = end
  return token
}

/** So many tokens from one draw, each a text of its own, wiped at the end. */
export function tokensAtOnce(count: number): string[] {
  const bytes = Buffer.allocUnsafeSlow(count * size)
  randomFillSync(bytes)
  const tokens: string[] = new Array(count)
  for (let index = 0; index < count; index++) tokens[index] = bytes.base64urlSlice(index * size, (index + 1) * size)
  bytes.fill(0)
  return tokens
}
