import { expect } from 'vitest'
import { fillRandom } from '../../crypto.js'
import type { Verdict } from '../../guard.js'
import { grantLedger } from '../../sequence.js'
import type { AddressMatcher } from '../addresses.js'
import type { ApiKeysOptions } from '../api-keys-options.js'
import type { ApiKeyEvent } from '../events.js'
import { apiKey } from '../guard.js'
import type { ApiKeyOptions } from '../guard-options.js'
import { type Asked, bearer, type Refused, request, takenApart } from '../guard-rig.js'
import { mintKey } from '../key/grammar.js'
import { LifeRig } from '../lifecycle/life-rig.js'
import type { KeyRecord } from '../store.js'

type Options = Partial<ApiKeyOptions<string, boolean>>

/** Knows texts alone: what an address is, is another package's matter. */
const texts: AddressMatcher = {
  isRange: (text) => text !== '',
  isWithin: (address, ranges) => {
    if (typeof address !== 'string' || address === '') throw new TypeError('no address at all')
    return ranges.includes(address)
  },
}

/** A guard over keys with limits, under a clock that is moved by hand. */
export class CheckRig extends LifeRig {
  readonly told: ApiKeyEvent[] = []
  readonly #options: Options

  constructor(options: Options = {}, ofKeys: Partial<ApiKeysOptions> = {}) {
    super({ addresses: texts, ...ofKeys })
    this.#options = options
  }

  /** Asks a guard of its own about a request with the key. */
  async ask(key: string, asked: Asked = {}, options: Options = {}): Promise<Verdict<unknown>> {
    const observe = (event: ApiKeyEvent) => void this.told.push(event)
    const guard = apiKey({ keys: this.keys, observe, ...this.#options, ...options })
    return guard(request({ ...bearer(key), ...asked }), grantLedger())
  }

  async refused(key: string, asked?: Asked, options?: Options): Promise<Refused> {
    const verdict = await this.ask(key, asked, options)
    if (verdict.kind === 'reply') return takenApart(verdict.reply)
    throw new Error('the guard let it pass')
  }

  /** `ok`, or the code of the refusal. */
  async outcome(key: string, asked?: Asked, options?: Options): Promise<string> {
    const verdict = await this.ask(key, asked, options)
    return verdict.kind === 'pass' ? 'ok' : takenApart(verdict.reply).code
  }

  /** The fields that a pass gives the handler's reply. */
  async fields(key: string, asked?: Asked): Promise<Readonly<Record<string, string>>> {
    const verdict = await this.ask(key, asked)
    expect(verdict.kind).toBe('pass')
    return Object.fromEntries(('headers' in verdict && verdict.headers) || [])
  }
}

/** A store whose rows hold something else than they were given. */
export class CorruptRig extends LifeRig {
  constructor(columns: { readonly [Column in keyof KeyRecord]?: unknown }) {
    super()
    const find = this.memory.find.bind(this.memory)
    this.memory.find = (id) => ({ ...find(id), ...columns }) as KeyRecord
  }
}

/** A well-formed key that nobody was given. */
export function strangersKey(): string {
  return mintKey('acme', 'live', fillRandom).key
}
