import { fillRandom } from '../crypto.js'
import type { Guard, GuardRequest, Pass, Reply, Verdict } from '../guard.js'
import { grantLedger } from '../sequence.js'
import { memoryStore } from '../stores/memory.js'
import type { Store } from '../stores/store.js'
import { type ApiKeys, apiKeys } from './api-keys.js'
import type { ApiKeyEvent } from './events.js'
import { apiKey } from './guard.js'
import type { ApiKeyOptions } from './guard-options.js'
import { mintKey } from './key/grammar.js'
import type { IssuedApiKey } from './key/issued-key.js'
import type { NewApiKey } from './lifecycle/new-api-key.js'
import type { KeyStore } from './store.js'

/** A request, as far as a guard of keys looks at it. */
export interface Asked {
  readonly method?: string
  readonly url?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly remoteAddress?: string | undefined
}

/** A refusal, taken apart. */
export interface Refused {
  readonly status: number
  readonly code: string
  readonly challenge: string | undefined
  readonly fields: Readonly<Record<string, string>>
  readonly text: string
}

type Options = Partial<ApiKeyOptions<string, boolean>>

export const bearer = (key: string): Asked => ({ headers: { Authorization: `Bearer ${key}` } })
export const inField = (key: string): Asked => ({ headers: { 'X-API-Key': key } })

const cast = ['alice', 'reader', 'test', 'expired', 'revoked', 'disabled'] as const
const now = Date.UTC(2026, 0, 1)

/** A guard over a store that holds one key of each kind. */
export class GuardRig {
  readonly store: Store = memoryStore()
  readonly events: ApiKeyEvent[] = []
  readonly keys: ApiKeys
  readonly #issued = new Map<string, IssuedApiKey>()
  #nowMs = now

  private constructor() {
    this.keys = this.keysOver({})
  }

  static async create(): Promise<GuardRig> {
    const rig = new GuardRig()
    await rig.#issue('alice')
    await rig.#issue('reader', { scopes: ['payments:read'] })
    await rig.#issue('test', { environment: 'test' })
    await rig.#issue('expired', { expiresAt: now + 1 })
    await rig.keys.revoke(await rig.#issue('revoked'))
    await rig.keys.disable(await rig.#issue('disabled'))
    rig.#nowMs = now + 1
    return rig
  }

  /** Keys in the same store, with some of its methods put in place by others. */
  keysOver(faults: { readonly [Method in keyof KeyStore]?: unknown }): ApiKeys {
    const { keys } = this.store
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(keys)) as (keyof KeyStore)[]
    const bound = Object.fromEntries(methods.map((method) => [method, keys[method].bind(keys as never)]))
    return apiKeys({
      store: { keys: { ...bound, ...faults } as unknown as KeyStore },
      prefix: 'acme',
      now: () => this.#nowMs,
    })
  }

  get all(): readonly string[] {
    return cast.map((name) => this.key(name))
  }

  key(name: (typeof cast)[number]): string {
    return this.#issued.get(name)!.key
  }

  id(name: (typeof cast)[number]): string {
    return this.#issued.get(name)!.info.id
  }

  /** A well-formed key with the id of that one and a secret of its own. */
  forged(name: (typeof cast)[number]): string {
    const { id, environment } = this.#issued.get(name)!.info
    return forgedKey(id, environment)
  }

  async ask(asked: Asked, options: Options = {}): Promise<Verdict<unknown>> {
    const guard: Guard<unknown> = apiKey({
      keys: this.keys,
      observe: (event) => this.events.push(event),
      ...options,
    })
    return guard(request(asked), grantLedger())
  }

  async passed(asked: Asked, options?: Options): Promise<Pass<unknown>> {
    const verdict = await this.ask(asked, options)
    if (verdict.kind === 'pass') return verdict
    throw new Error(`the guard refused: ${new TextDecoder().decode(verdict.reply.body)}`)
  }

  async refused(asked: Asked, options?: Options): Promise<Refused> {
    const verdict = await this.ask(asked, options)
    if (verdict.kind === 'reply') return takenApart(verdict.reply)
    throw new Error('the guard let it pass')
  }

  async #issue(name: (typeof cast)[number], input: Partial<NewApiKey> = {}): Promise<string> {
    const scopes = ['payments:read', 'payments:write']
    const issued = await this.keys.issue({ ownerId: 'alice', scopes, ...input })
    this.#issued.set(name, issued)
    return issued.info.id
  }
}

/** A well-formed key with this id and a secret of its own. */
export function forgedKey(id: string, environment: string): string {
  let isFirst = true
  const idFirst = (target: Uint8Array) => {
    if (!isFirst) return fillRandom(target)
    isFirst = false
    target.set([...id].map((character) => alphabet.indexOf(character)))
  }
  return mintKey('acme', environment, idFirst).key
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function request(asked: Asked = {}): GuardRequest {
  const { method = 'GET', url = 'http://api.test/', headers = {} } = asked
  const fields = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return {
    method,
    url,
    headers: { get: (name) => fields.get(name) ?? null, count: (name) => (fields.has(name) ? 1 : 0) },
    remoteAddress: 'remoteAddress' in asked ? asked.remoteAddress : '192.0.2.1',
    body: () => Promise.reject(new Error('a guard of keys reads no body')),
  }
}

/** What a client gets of a refusal. */
export function takenApart({ status, headers, body }: Reply): Refused {
  const fields = Object.fromEntries(headers)
  const text = new TextDecoder().decode(body)
  return { status, code: JSON.parse(text).code, challenge: fields['www-authenticate'], fields, text }
}
