import { createHash } from 'node:crypto'
import { vi } from 'vitest'
import { p256, tokenOf } from './jwt-keys.test.kit.js'
import { handClock, nowMs } from './key-host.test.kit.js'
import type { KeyHostOptions } from './key-host-options.js'
import { plaidVerifier } from './plaid.js'

export const url = 'https://production.plaid.com/webhook_verification_key/get'
export const kid = 'bfbd5111-8e33-4643-8ced-b2e642a72f3c'
export const body = '{"webhook_type":"TRANSACTIONS","webhook_code":"SYNC_UPDATES_AVAILABLE"}'
export const digest = (text: string) => createHash('sha256').update(text).digest('hex')
export const iat = nowMs / 1000

/** The field of a genuine webhook, but for what is said otherwise. */
export function signed({ header = {}, claims = {} }: { header?: object; claims?: object } = {}) {
  const token = tokenOf(
    { alg: 'ES256', kid, typ: 'JWT', ...header },
    { iat, request_body_sha256: digest(body), ...claims },
    p256.privateKey,
  )
  return { 'plaid-verification': token }
}

const unknownKey = { error_type: 'INVALID_INPUT', error_code: 'INVALID_WEBHOOK_VERIFICATION_KEY_ID' }

/** Plaid, as it answers at the moment. */
export function host(more: Partial<KeyHostOptions> = {}) {
  const clock = handClock()
  const state = { expired_at: null as number | null, error: undefined as object | undefined, status: 400 }
  const fetch = vi.fn<typeof globalThis.fetch>(async (_, init) => {
    const { key_id } = JSON.parse(String(init?.body))
    if (state.error !== undefined) return Response.json(state.error, { status: state.status })
    if (key_id !== kid) return Response.json(unknownKey, { status: 400 })
    const key = { ...p256.jwk, alg: 'ES256', kid, use: 'sig', created_at: 1, expired_at: state.expired_at }
    return Response.json({ key, request_id: 'r' })
  })
  const credentials = { clientId: 'client', secret: 'hush', environment: 'production' } as const
  const options = { ...credentials, keyHost: { fetch, ...more }, now: clock.now }
  return { clock, state, fetch, options, verify: plaidVerifier(options) }
}
