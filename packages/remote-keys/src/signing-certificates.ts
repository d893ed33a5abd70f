import { boundedFetch } from './bounded-fetch.js'
import { type ChainRules, chainValidity, type Validity, validityOf } from './certificate-chain.js'
import { certificatesIn, type KeyHandle, rsaKeyOf } from './crypto.js'
import { KeyCache } from './key-cache.js'
import { KeyHostError } from './key-host-error.js'
import type { KeyHostSettings } from './key-host-options.js'

/** How certificates that sign messages are judged. */
export interface SigningCertificateRules {
  readonly host: KeyHostSettings
  readonly now: () => number
  /** Names of which the certificate at this URL must bear one. */
  readonly names: (url: string) => readonly string[]
  /** `undefined`: that the host has handed it out over TLS is proof enough. */
  readonly chain: Omit<ChainRules, 'bounds'> | undefined
}

interface JudgedCertificate extends Validity {
  readonly key: KeyHandle
}

/** Most certificates in one file. */
const mostCertificates = 8

/** Certificates that sign messages, by their URLs; the caller has checked where these lead. */
export class SigningCertificates {
  readonly #cache: KeyCache<JudgedCertificate>
  readonly #now: () => number

  constructor(rules: SigningCertificateRules) {
    const { host, now } = rules
    this.#now = now
    this.#cache = new KeyCache({ ...host.rules, now, load: (url) => load(url, rules) })
  }

  /**
   * The key in the certificate at a URL; `undefined` where there is none, or none that counts now.
   *
   * @throws KeyHostError by rejection where it cannot be had.
   */
  async keyAt(url: string): Promise<KeyHandle | undefined> {
    const found = await this.#cache.find(url)
    if (found === undefined) return undefined
    const nowMs = this.#now()
    return found.fromMs <= nowMs && nowMs <= found.untilMs ? found.key : undefined
  }
}

async function load(
  url: string,
  { host, names, chain }: SigningCertificateRules,
): Promise<JudgedCertificate | undefined> {
  const { status, bytes } = await boundedFetch({ url }, host.bounds)
  if (status !== 200) return undefined
  const [leaf, ...others] = parsed(bytes)
  const key = rsaKeyOf(leaf)
  if (key === undefined || !names(url).some((name) => leaf.checkHost(name, { wildcards: false }) !== undefined))
    return undefined
  const validity =
    chain === undefined ? validityOf(leaf) : await chainValidity(leaf, others, { ...chain, bounds: host.bounds })
  return validity && { ...validity, key }
}

function parsed(bytes: Uint8Array) {
  try {
    const [leaf, ...others] = certificatesIn(bytes, mostCertificates)
    return [leaf!, ...others] as const
  } catch (error) {
    throw new KeyHostError('malformed', 'What is at the URL is no certificate', { cause: error })
  }
}
