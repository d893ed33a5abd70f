import type { ApiKeyInfo } from '@latchkey/core'

/** What is shown of a key: these columns and no others, whatever else a store may come to hold. Times are epoch milliseconds. */
const shownColumns = Object.freeze([
  'id',
  'display',
  'ownerId',
  'environment',
  'name',
  'scopes',
  'metadata',
  'allowedIps',
  'rateLimit',
  'quota',
  'createdAtMs',
  'expiresAtMs',
  'idleSeconds',
  'lastUsedAtMs',
  'rotatedTo',
  'rotatedFrom',
  'disabledAtMs',
  'revokedAtMs',
  'revocationReason',
] as const satisfies readonly (keyof ApiKeyInfo)[])

/** How a key is shown to those who manage it. */
export type KeyRepresentation = Pick<ApiKeyInfo, (typeof shownColumns)[number]>

export function keyRepresentation(info: ApiKeyInfo): KeyRepresentation {
  return Object.fromEntries(shownColumns.map((name) => [name, info[name]])) as unknown as KeyRepresentation
}
