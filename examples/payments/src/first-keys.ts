import type { ApiKeys } from '@latchkey/core'

export interface FirstKeys {
  /** May read and write. */
  readonly writer: string
  /** May only read. */
  readonly reader: string
}

/** Mints a key that may write and one that may only read, unless the store holds keys already. They are shown this once. */
export async function firstKeys(keys: ApiKeys): Promise<FirstKeys | undefined> {
  const present = await keys.list({ limit: 1 })
  return present.length === 0 ? mintKeys(keys) : undefined
}

export async function mintKeys(keys: ApiKeys): Promise<FirstKeys> {
  const writer = await keys.issue({
    name: 'first key',
    ownerId: 'org_demo',
    environment: 'live',
    scopes: ['payments:read', 'payments:write', 'account:write'],
  })
  const reader = await keys.issue({
    name: 'read only',
    ownerId: 'org_demo',
    environment: 'live',
    scopes: ['payments:read'],
  })
  return { writer: writer.key, reader: reader.key }
}
