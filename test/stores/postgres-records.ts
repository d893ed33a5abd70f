import { randomBytes } from 'node:crypto'
import { StoreError } from '@latchkey/core'
import { expect } from 'vitest'

/** A claim on a key; its token is its own. */
export const request = (id: string, changes = {}) => ({
  id,
  scope: 'scope',
  fingerprint: 'fingerprint',
  token: `token ${id}`,
  leaseSeconds: 30,
  ttlSeconds: 600,
  takeOver: true,
  ...changes,
})

export { blankKey as key } from './blank-key.js'

export const token = (id: string) => ({ id, subject: 'alice', purpose: 'password-reset', data: '{}' })

export function newSchema(): string {
  return `latchkey-test-${randomBytes(6).toString('hex')}`
}

export function fault(name: string, text = '') {
  return expect.objectContaining({ constructor: StoreError, fault: name, message: expect.stringContaining(text) })
}

/** As many as asked, all at once. */
export function atOnce<Answer>(count: number, make: (index: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => make(index)))
}
