import { hash } from 'node:crypto'

interface Kept {
  readonly fingerprint: string
  /** Epoch milliseconds. */
  readonly expiresAtMs: number
  status: number
  headers: readonly (readonly [string, string])[]
  body: string
}

const dayMs = 86_400_000
const running = 0

export type FloorAnswer = 'run' | 'mismatch' | 'in progress' | { readonly status: number; readonly body: Buffer }

/**
 * Idempotency in a Map: the key's digest within a scope, the body's digest, one look, one entry; the reply kept as latin1 text. No
 * lease, no fencing, no bound, no purge, no canonical JSON.
 */
export class IdempotencyFloor {
  readonly #kept = new Map<string, Kept>()

  id(scope: string, key: string): string {
    return hash('sha256', `${scope.length}:${scope}${key}`, 'latin1')
  }

  claim(id: string, body: Uint8Array): FloorAnswer {
    const fingerprint = hash('sha256', body, 'latin1')
    const nowMs = Date.now()
    const kept = this.#kept.get(id)
    if (kept === undefined || kept.expiresAtMs <= nowMs) {
      this.#kept.set(id, { fingerprint, expiresAtMs: nowMs + dayMs, status: running, headers: [], body: '' })
      return 'run'
    }
    if (kept.fingerprint !== fingerprint) return 'mismatch'
    if (kept.status === running) return 'in progress'
    return { status: kept.status, body: Buffer.from(kept.body, 'latin1') }
  }

  settle(id: string, status: number, headers: Kept['headers'], body: Buffer): void {
    const kept = this.#kept.get(id)
    if (kept === undefined) return
    kept.status = status
    kept.headers = headers
    kept.body = body.latin1Slice(0, body.length)
  }
}
