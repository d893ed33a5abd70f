import type { KeyRecord, Quota } from '@latchkey/core'
import { unreadable } from './fault.js'
import { number, text } from './reply.js'

/** The fields of a key's hash. Each holds JSON, which is UTF-8 whatever the texts hold; one that is `null` is not there. */
export const columns = [
  ...(['lookup', 'prefix', 'environment', 'name', 'ownerId', 'scopes', 'metadata', 'allowedIps', 'rateLimit'] as const),
  ...([
    'algorithm',
    'pepperId',
    'digest',
    'meterId',
    'createdAtMs',
    'expiresAtMs',
    'idleSeconds',
    'lastUsedAtMs',
  ] as const),
  ...(['rotatedTo', 'rotatedFrom', 'graceOnUseSeconds', 'disabledAtMs', 'revokedAtMs', 'revocationReason'] as const),
] as const satisfies readonly Exclude<keyof KeyRecord, 'id' | 'quota'>[]

/** Without them a hash is no key. */
const required: readonly string[] = [
  ...['prefix', 'environment', 'ownerId', 'scopes', 'metadata', 'algorithm', 'digest', 'meterId', 'createdAtMs'],
]

/** A column as scripts take it: empty for `null`. */
export function stored(value: unknown): string {
  return value === null ? '' : JSON.stringify(value)
}

/** A quota as scripts count it down: what is left, and of the refill the amount, the seconds and when it is due. */
export function storedQuota({ remaining, refill, refillAtMs }: Quota): string {
  return [remaining, refill?.amount ?? '-', refill?.everySeconds ?? '-', refillAtMs ?? '-'].join(' ')
}

/** The key in a reply of a script: the columns in their order, its quota, its id. */
export function keyIn(reply: unknown): KeyRecord {
  const values = reply as readonly unknown[]
  try {
    const read = (value: unknown, index: number) => {
      if (value !== null) return [columns[index], JSON.parse(text(value))]
      if (required.includes(columns[index]!)) throw new TypeError(`There is no ${columns[index]}`)
      return [columns[index], null]
    }
    const row = Object.fromEntries(values.slice(0, columns.length).map(read)) as Omit<KeyRecord, 'id' | 'quota'>
    const [quota, id] = values.slice(columns.length)
    return { id: text(id), ...row, quota: quota === null ? null : quotaIn(text(quota)) }
  } catch {
    throw unreadable('An API key')
  }
}

function quotaIn(stored: string): Quota {
  const [remaining, amount, everySeconds, refillAtMs] = stored.split(' ').map(number)
  if (remaining === undefined) throw new TypeError('There is no number')
  const refill = amount === undefined || everySeconds === undefined ? null : { amount, everySeconds }
  return { remaining, refill, refillAtMs: refillAtMs ?? null }
}
