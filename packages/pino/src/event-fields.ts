import { errorFields } from './error-fields.js'

/** What may be logged of an event where it is asked for: it names people, or was written by them. */
export const personalFields = ['ownerId', 'actor', 'subject', 'url'] as const

export type PersonalField = (typeof personalFields)[number]

/** Members that hold a name out of our own lists, a number, or the public id of a key. */
const plain = [
  'code',
  'reason',
  'keyId',
  'rotatedTo',
  'environment',
  'attempt',
  'status',
  'fault',
  'outcome',
  'scheme',
  'state',
  'secretIndex',
  'expiresAtMs',
  'purpose',
  'tokens',
  'action',
  'findings',
  'exposed',
  'changed',
  'policy',
] as const

/** A reason of a revocation is the operator's own text, and every other reason is a name of ours. */
const written: ReadonlySet<string> = new Set(['api-key.revoked'])

/** What is logged of an event: what is named here and nothing else, so that a member that is added later is not logged by itself. */
export function eventFields(event: { readonly type: string }, personal: readonly PersonalField[]) {
  const members = event as Readonly<Record<string, unknown>>
  const fields: Record<string, unknown> = { event: event.type }
  for (const name of [...plain, ...personal]) {
    if (name === 'reason' && written.has(event.type)) continue
    if (members[name] !== undefined) fields[name] = members[name]
  }
  // The id of a record is a digest; the id of a message is what its sender wrote.
  if (event.type.startsWith('idempotency.') && members.id !== undefined) fields.recordId = members.id
  if (members.error !== undefined) fields.err = errorFields(members.error)
  return fields
}
