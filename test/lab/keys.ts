import { createHash, randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { KeyRecord, Store } from '@latchkey/core'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const both = ['payments:read', 'payments:write']

/** The lab's keys: what stands out about each. */
const cast = {
  alice: {},
  bob: { ownerId: 'bob' },
  reader: { scopes: ['payments:read'] },
  expired: { expiresAtMs: Date.UTC(2020, 0, 2) },
  revoked: { revokedAtMs: Date.UTC(2020, 0, 2), revocationReason: 'lost' },
  disabled: { disabledAtMs: Date.UTC(2020, 0, 2) },
  test: { environment: 'test' },
} satisfies Record<string, Partial<KeyRecord>>

export type LabKeys = Readonly<Record<keyof typeof cast, string>>

/**
 * Writes the lab's keys and hands them out. They are made from the seed, so that labs over one store agree on them, and
 * written as records, so that one of them has expired already: what an application cannot do and should not.
 */
export async function labKeys(store: Store, seed: string = randomUUID()): Promise<LabKeys> {
  const keys: Record<string, string> = {}
  for (const [name, traits] of Object.entries(cast)) {
    const { key, record } = derived(`${seed}:${name}`, name, traits)
    await store.keys.insert(record)
    keys[name] = key
  }
  return keys as LabKeys
}

function derived(seed: string, name: string, traits: Partial<KeyRecord>): { key: string; record: KeyRecord } {
  const id = base62(`${seed}:id`, 12)
  const environment = traits.environment ?? 'live'
  const body = `acme_${environment}_${id}_${base62(`${seed}:secret`, 43)}`
  const key = body + checksum(body)
  return {
    key,
    record: {
      id,
      lookup: null,
      prefix: 'acme',
      environment,
      algorithm: 'sha256',
      pepperId: null,
      digest: createHash('sha256').update(key).digest('base64url'),
      name,
      ownerId: 'alice',
      scopes: both,
      metadata: {},
      allowedIps: null,
      rateLimit: null,
      quota: null,
      meterId: id,
      createdAtMs: Date.UTC(2020, 0, 1),
      expiresAtMs: null,
      idleSeconds: null,
      lastUsedAtMs: null,
      rotatedTo: null,
      rotatedFrom: null,
      graceOnUseSeconds: null,
      disabledAtMs: null,
      revokedAtMs: null,
      revocationReason: null,
      ...traits,
    },
  }
}

/** Characters drawn from a hash, four bytes for each: their bias is below one in ten million. */
function base62(seed: string, length: number): string {
  const bytes = createHash('shake256', { outputLength: 4 * length })
    .update(seed)
    .digest()
  return Array.from({ length }, (_, index) => alphabet[bytes.readUInt32BE(4 * index) % 62]).join('')
}

function checksum(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let place = 0; place < 6; place++) {
    text = alphabet[rest % 62] + text
    rest = Math.floor(rest / 62)
  }
  return text
}
