import { hash, timingSafeEqual } from 'node:crypto'
import { HmacFloor } from './hmac-floor.js'
import { pooledToken } from './token-floor.js'

/** What verifying needs of a key. */
interface Kept {
  readonly digest: string
  readonly revokedAtMs: number | null
  readonly expiresAtMs: number | null
}

const minted = new Map<string, Kept>()
const mostMinted = 10_000

/** A key of 72 characters: an id, a secret and a checksum under a prefix. Its digest is kept under the id. */
export function mintedKey(): string {
  const drawn = pooledToken() + pooledToken()
  const id = drawn.slice(0, 12)
  const key = `acme_live_${id}_${drawn.slice(12, 61)}`
  if (minted.size === mostMinted) minted.clear()
  minted.set(id, { digest: hash('sha256', key, 'base64url'), revokedAtMs: null, expiresAtMs: null })
  return key
}

const presented = Buffer.alloc(32)
const stored = Buffer.alloc(32)

/**
 * Verifies keys of `acme_live_<id>_<secret>`: one look into a map, one digest, one comparison in constant time, two flags.
 * No checksum, no scopes, no last use.
 */
export class KeyFloor {
  readonly #kept = new Map<string, Kept>()
  readonly #digest: (key: string) => string

  /** @param pepper makes digests HMACs. */
  constructor(keys: readonly string[], pepper?: string) {
    const hmac = pepper === undefined ? undefined : new HmacFloor(pepper)
    this.#digest = hmac === undefined ? sha256 : (key) => hmac.ofText(key)
    for (const key of keys) {
      this.#kept.set(key.slice(10, 22), { digest: this.#digest(key), revokedAtMs: null, expiresAtMs: null })
    }
  }

  verify(key: string): boolean {
    const kept = this.#kept.get(key.slice(10, 22))
    if (kept === undefined || !this.#isSame(key, kept.digest)) return false
    return kept.revokedAtMs === null && (kept.expiresAtMs === null || Date.now() < kept.expiresAtMs)
  }

  /** From the field of a request. */
  verifyBearer(field: string | undefined): boolean {
    return field?.startsWith('Bearer ') === true && this.verify(field.slice(7))
  }

  /** An unknown id: a digest is made all the same, so that the time does not tell. */
  refuse(key: string): boolean {
    const kept = this.#kept.get(key.slice(10, 22))
    return this.#isSame(key, kept?.digest ?? decoy) && kept !== undefined
  }

  #isSame(key: string, digest: string): boolean {
    presented.latin1Write(this.#digest(key), 0)
    stored.latin1Write(digest, 0)
    return timingSafeEqual(presented, stored)
  }
}

const decoy = '\0'.repeat(32)

function sha256(key: string): string {
  return hash('sha256', key, 'latin1')
}
