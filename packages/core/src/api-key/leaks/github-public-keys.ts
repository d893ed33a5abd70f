import { type KeyHandle, p256PublicKey } from '../../crypto.js'
import { within } from '../../deadline.js'
import { Gathering } from '../../request-body.js'
import type { SecretScanningSettings } from './secret-scanning-options.js'

/** Where GitHub publishes the keys: part of the protocol, never of a request. */
const address = 'https://api.github.com/meta/public_keys/secret_scanning'

/** Of the answer: GitHub has a handful of keys, some 300 bytes each. */
const mostBytes = 64 * 1024
const mostKeys = 64

/** For so long keys at hand are used unasked; where GitHub cannot be reached, for so long. */
const freshMs = 3_600_000
const usableMs = 24 * 3_600_000

/** Made-up identifiers cost GitHub one request in so long: half of what it allows an address without a token. */
const unknownPauseMs = 120_000
const failurePauseMs = 10_000

/**
 * GitHub's public keys for secret scanning, by their identifiers. All of them come in one request, which is made when the
 * first one is asked for, and by one caller at a time.
 */
export class GithubPublicKeys {
  readonly #settings: SecretScanningSettings
  readonly #failed: (error: unknown) => void
  #keys: ReadonlyMap<string, KeyHandle> = new Map()
  #fetchedAtMs = Number.NEGATIVE_INFINITY
  #failedAtMs = Number.NEGATIVE_INFINITY
  #lastError: unknown
  #underWay: Promise<void> | undefined

  /** @param failed told of each request that brought no keys. */
  constructor(settings: SecretScanningSettings, failed: (error: unknown) => void) {
    this.#settings = settings
    this.#failed = failed
  }

  /** The key; `undefined` where GitHub has none of this name. Rejects where GitHub could not be asked. */
  async find(identifier: string): Promise<KeyHandle | undefined> {
    const known = this.#keys.get(identifier)
    const ageMs = this.#settings.now() - this.#fetchedAtMs
    if (ageMs < (known === undefined ? unknownPauseMs : freshMs)) return known
    try {
      await this.#refresh()
    } catch (error) {
      if (known !== undefined && ageMs < usableMs) return known
      throw error
    }
    return this.#keys.get(identifier)
  }

  #refresh(): Promise<void> {
    if (this.#underWay !== undefined) return this.#underWay
    if (this.#settings.now() - this.#failedAtMs < failurePauseMs) return Promise.reject(this.#lastError)
    this.#underWay = this.#fetch().finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #fetch(): Promise<void> {
    const { now, publicKeysTimeoutSeconds } = this.#settings
    const abort = new AbortController()
    try {
      this.#keys = readKeys(await within(publicKeysTimeoutSeconds, () => this.#request(abort.signal)))
      this.#fetchedAtMs = now()
    } catch (error) {
      this.#failedAtMs = now()
      this.#lastError = error
      this.#failed(error)
      throw error
    } finally {
      abort.abort()
    }
  }

  async #request(signal: AbortSignal): Promise<string> {
    const { fetch, githubToken } = this.#settings
    const authorization = githubToken === undefined ? {} : { authorization: `Bearer ${githubToken}` }
    const headers = { accept: 'application/json', 'user-agent': 'latchkey', ...authorization }
    // 'manual', since Workers have no 'error': a redirect is then a status that is not 200.
    const response = await fetch(address, { headers, redirect: 'manual', signal })
    if (response.status !== 200) throw new Error(`GitHub answered ${response.status} when asked for its public keys`)
    const body = new Gathering()
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      if (body.length + piece.length > mostBytes) throw new Error(`GitHub's public keys are over ${mostBytes} bytes`)
      body.add(piece)
    }
    return new TextDecoder().decode(body.whole())
  }
}

/** @throws Error where not one entry is a key: an answer that says nothing must not replace the keys at hand. */
function readKeys(text: string): ReadonlyMap<string, KeyHandle> {
  const keys = new Map<string, KeyHandle>()
  const { public_keys: entries } = (JSON.parse(text) ?? {}) as { public_keys?: unknown }
  for (const entry of Array.isArray(entries) ? entries.slice(0, mostKeys) : []) {
    const { key_identifier: identifier, key } = (entry ?? {}) as { key_identifier?: unknown; key?: unknown }
    if (typeof identifier !== 'string' || typeof key !== 'string') continue
    try {
      keys.set(identifier, p256PublicKey(key))
    } catch {
      // A key of a kind that this protocol does not have yet: the others are as good as ever.
    }
  }
  if (keys.size === 0) throw new Error('GitHub’s answer holds no public key')
  return keys
}
