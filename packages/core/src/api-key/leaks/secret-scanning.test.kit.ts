import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { utf8 } from '../../bytes.js'
import { BodyError, type BodyFault, type GuardRequest, type Reply } from '../../guard.js'
import { grantLedger } from '../../sequence.js'
import { memoryStore } from '../../stores/memory.js'
import { type ApiKeys, apiKeys } from '../api-keys.js'
import type { KeyStore } from '../store.js'
import { githubSecretScanning } from './github-secret-scanning.js'
import type { SecretScanningEvent } from './secret-scanning-event.js'
import type { GithubSecretScanningOptions } from './secret-scanning-options.js'

/** One of GitHub's keys, made here. */
export interface SigningKey {
  readonly identifier: string
  readonly pem: string
  readonly privateKey: KeyObject
}

export function signingKey(identifier: string, namedCurve = 'prime256v1'): SigningKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })
  return { identifier, pem: publicKey.export({ format: 'pem', type: 'spki' }).toString(), privateKey }
}

/** GitHub, as far as the guard meets it: its page of public keys, and the messages that it signs. */
class Github {
  readonly key = signingKey('a1')
  /** What is on the page. */
  published: readonly Pick<SigningKey, 'identifier' | 'pem'>[] = [this.key]
  /** The page's next answers, before it is as ever again. */
  readonly answers: (() => Response | Promise<Response>)[] = []
  readonly asked: { url: string; init: RequestInit }[] = []

  readonly fetch: typeof globalThis.fetch = async (url, init = {}) => {
    this.asked.push({ url: String(url), init })
    return this.answers.shift()?.() ?? this.page()
  }

  page(): Response {
    const keys = this.published.map(({ identifier, pem }) => ({
      key_identifier: identifier,
      key: pem,
      is_current: true,
    }))
    return Response.json({ public_keys: keys })
  }

  /** A message with the findings, signed. */
  message(findings: unknown, { identifier, privateKey }: SigningKey = this.key): Message {
    const body = typeof findings === 'string' ? findings : JSON.stringify(findings)
    const signature = sign('sha256', Buffer.from(body), privateKey).toString('base64')
    return { body, headers: { 'github-public-key-identifier': identifier, 'github-public-key-signature': signature } }
  }
}

export interface Message {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  /** Fields that come twice. */
  readonly repeated?: readonly string[]
  /** What happens in place of the body. */
  readonly fault?: BodyFault
}

/** A guard, the store behind it, and what it was told. */
export class ScanningRig {
  readonly github = new Github()
  readonly events: SecretScanningEvent[] = []
  readonly store = memoryStore()
  readonly keys: ApiKeys
  nowMs = Date.UTC(2026, 0, 1)
  bodiesRead = 0
  readonly #guard: ReturnType<typeof githubSecretScanning>

  /** @param faults methods that stand in the place of the store's own, made of that store. */
  constructor(
    options: Partial<GithubSecretScanningOptions> = {},
    faults: (store: KeyStore) => Partial<KeyStore> = () => ({}),
  ) {
    const { keys } = this.store
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(keys)) as (keyof KeyStore)[]
    const bound = Object.fromEntries(methods.map((method) => [method, keys[method].bind(keys as never)]))
    this.keys = apiKeys({
      store: { keys: { ...bound, ...faults(keys) } as unknown as KeyStore },
      prefix: 'acme',
      now: () => this.nowMs,
    })
    this.#guard = githubSecretScanning({
      keys: this.keys,
      fetch: this.github.fetch,
      now: () => this.nowMs,
      observe: (event) => this.events.push(event),
      ...options,
    })
  }

  async post(message: Message): Promise<Answer> {
    const { headers, repeated = [] } = message
    const request: GuardRequest = {
      method: 'POST',
      url: 'https://api.test/exposed',
      headers: {
        get: (name) => headers[name] ?? null,
        count: (name) => (repeated.includes(name) ? 2 : name in headers ? 1 : 0),
      },
      remoteAddress: '192.0.2.1',
      body: async () => {
        this.bodiesRead++
        if (message.fault !== undefined) throw new BodyError(message.fault)
        return utf8(message.body)
      },
    }
    const verdict = await this.#guard(request, grantLedger())
    if (verdict.kind === 'reply') return answerOf(verdict.reply)
    throw new Error('the guard let a message pass')
  }

  /** Posts the findings as GitHub would. */
  report(...findings: unknown[]): Promise<Answer> {
    return this.post(this.github.message(findings))
  }

  get exposed(): SecretScanningEvent[] {
    return this.events.filter(({ type }) => type === 'api-key.exposed')
  }

  get refusals(): string[] {
    return this.events.flatMap((event) => (event.type === 'secret-scanning.refused' ? event.reason : []))
  }
}

export interface Answer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly json: unknown
  readonly text: string
}

function answerOf({ status, headers, body }: Reply): Answer {
  const text = new TextDecoder().decode(body)
  return { status, fields: Object.fromEntries(headers), json: JSON.parse(text), text }
}

/** A finding as GitHub reports it. */
export function finding(token: string, url = 'https://github.com/octocat/hello/blob/1/a.txt'): object {
  return { token, type: 'acme_api_key', url, source: 'content' }
}
