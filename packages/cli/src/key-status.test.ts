import type { ApiKeyInfo } from '@latchkey/core'
import { expect, test } from 'vitest'
import { statusOf } from './key-status.js'

const key = {
  ...{ revokedAtMs: null, disabledAtMs: null, expiresAtMs: null },
  ...{ idleSeconds: null, lastUsedAtMs: null, createdAtMs: 0 },
} as ApiKeyInfo

test.each([
  ['active', {}],
  ['active', { expiresAtMs: 1001 }],
  ['expired', { expiresAtMs: 1000 }],
  ['idle', { idleSeconds: 1 }],
  ['active', { idleSeconds: 1, lastUsedAtMs: 1 }],
  ['disabled', { disabledAtMs: 1, expiresAtMs: 1 }],
  ['revoked', { revokedAtMs: 1, disabledAtMs: 1 }],
] as const)('a key is %s at its borders: %o', (status, columns) => {
  expect(statusOf({ ...key, ...columns }, 1000)).toBe(status)
})
