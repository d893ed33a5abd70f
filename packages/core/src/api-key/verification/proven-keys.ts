import { fillRandom, TextHmac } from '../../crypto.js'
import { makeRoom } from '../../make-room.js'
import { Recent } from '../../recent.js'

const minuteMs = 60_000
const mostKeys = 100_000

/**
 * The keys that were proven here lately, as far as there is room. Of each it holds a MAC under a secret of its own, which is of no
 * use to anybody who reads the memory's dump.
 */
export class ProvenKeys {
  readonly #hmac: TextHmac
  readonly #macs = new Set<string>()
  /** A key in steady use is hashed once a minute. */
  readonly #noted = new Recent(minuteMs, mostKeys)

  constructor() {
    const secret = new Uint8Array(32)
    fillRandom(secret)
    this.#hmac = new TextHmac(secret)
  }

  note(id: string, key: string, nowMs: number): void {
    if (!this.#noted.admit(id, nowMs)) return
    const mac = this.#macOf(key)
    this.#macs.delete(mac)
    this.#macs.add(mac)
    makeRoom(this.#macs, mostKeys)
  }

  has(key: string): boolean {
    return this.#macs.has(this.#macOf(key))
  }

  #macOf(key: string): string {
    return this.#hmac.digest(key, 'base64url')
  }
}
