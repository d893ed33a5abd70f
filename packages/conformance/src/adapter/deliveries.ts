import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { type Answer, call, freshKey, jsonOf } from './call.js'
import type { Refusal } from './expectations.js'
import type { Lab } from './lab.js'

/** The refusals of the signature guard, as the contract has them. */
export const invalid: Refusal = { status: 401, code: 'signature-invalid', title: 'The signature is not valid' }
export const replayed: Refusal = {
  status: 409,
  code: 'signature-replayed',
  title: 'This message has been handled already',
}
export const unavailable: Refusal = {
  status: 503,
  code: 'signature-unavailable',
  title: 'Signatures cannot be verified at the moment',
  retryable: true,
  retryAfter: ['1'],
}

/** Header fields to send; a list is sent as that many lines. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

/** Posts a delivery to the route of its scheme. */
export function deliver(lab: Lab, scheme: string, headers: Fields, body: Uint8Array, query = ''): Promise<Answer> {
  return call(lab, `POST /hooks/${scheme}${query}`, { body, headers, type: 'application/json' })
}

/** The handler has run and read these bytes. */
export function isVerified(answer: Answer, body: Uint8Array): void {
  assert.equal(answer.status, 200, answer.body.toString())
  const { verified, sha256 } = jsonOf(answer)
  assert.equal(verified, true)
  assert.equal(sha256, createHash('sha256').update(body).digest('hex'))
}

/** A distinct message each time, so that cases do not meet each other in the replay window. */
export const message = (): Buffer => Buffer.from(JSON.stringify({ message: freshKey() }))
