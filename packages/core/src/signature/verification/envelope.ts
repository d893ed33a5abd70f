import type { RequestHeaders } from '../../guard.js'
import type { Scheme } from '../scheme-model/scheme.js'
import { bodyMembers } from './body-member.js'

/**
 * The fields of a credential: those of the head, or where the scheme has an envelope the members of the body. Texts, booleans
 * and whole numbers have one spelling as a field; anything else is absent.
 */
export function credentialFields(scheme: Scheme, headers: RequestHeaders, body: Uint8Array): RequestHeaders {
  const { envelope } = scheme
  if (envelope === undefined) return headers
  const member = bodyMembers(body)
  const fields = new Map<string, string>()
  for (const [name, path] of Object.entries(envelope)) {
    const value = member(path)
    if (typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)) {
      fields.set(name, String(value))
    }
  }
  return { get: (name) => fields.get(name) ?? null, count: (name) => (fields.has(name) ? 1 : 0) }
}
