import { execFileSync } from 'node:child_process'
import { randomFillSync, randomUUID } from 'node:crypto'
import { generateRandomString } from '@oslojs/crypto/random'
import { nanoid } from 'nanoid'
import { generateAPIKey } from 'prefixed-api-key'
import { v4 } from 'uuid'
import type { Contender, SelfTimed } from '../interleave.js'

export const nanoidToken: Contender = { name: 'nanoid(43)', kind: 'peer', remark: '258 bits', run: () => nanoid(43) }

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const random = { read: (bytes: Uint8Array) => void randomFillSync(bytes) }

export const otherTokens: readonly Contender[] = [
  { name: 'crypto.randomUUID()', kind: 'peer', remark: '122 bits', run: () => randomUUID() },
  { name: 'uuid v4()', kind: 'peer', remark: '122 bits', run: () => v4() },
  {
    name: '@oslojs/crypto',
    kind: 'peer',
    remark: '43 characters',
    run: () => generateRandomString(random, alphabet, 43),
  },
]

export const prefixedKey: Contender = {
  name: 'prefixed-api-key',
  kind: 'peer',
  remark: '144 bits, no checksum, stores nothing',
  run: () => generateAPIKey({ keyPrefix: 'acme' }),
}

const timing = `
import secrets, timeit
calls = 20000
print(timeit.timeit(lambda: secrets.token_urlsafe(32), number=calls) / calls * 1e9)
`

/** Python's generator, in a process of its own each round; `undefined` where there is no Python. */
export function pythonToken(): SelfTimed | undefined {
  const time = () => Number(execFileSync('python3', ['-c', timing], { stdio: ['ignore', 'pipe', 'ignore'] }))
  try {
    time()
  } catch {
    return undefined
  }
  return { name: 'Python secrets.token_urlsafe(32)', kind: 'peer', time }
}
