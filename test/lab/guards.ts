import {
  type ApiKeyOptions,
  apiKeys,
  type IdempotencyOptions,
  type SecretOptions,
  type SignatureOptions,
  type Store,
  signaturePresets,
  staticHeader,
} from '@latchkey/core'
import { type HttpSignatureOptions, verificationKey } from '@latchkey/http-signatures'
import { falKeys } from '@latchkey/remote-keys'
import { type HookHandshakes, hookHandshakes } from './handshakes.js'
import { keyHost } from './key-host.js'
import type { GuardSettings } from './options.js'
import { type RemoteHooks, remoteHooks } from './remote-hooks.js'

/** A hook's guard, and what stands beside it. */
interface HookOptions extends Required<HookHandshakes> {
  readonly signature: SignatureOptions
}

/** What each guard of the lab is made with, by the place where it is mounted. */
export interface GuardOptions {
  readonly auth: ApiKeyOptions
  readonly writer: ApiKeyOptions
  /** Required, by caller. */
  readonly once: IdempotencyOptions
  readonly optional: IdempotencyOptions
  readonly everyone: IdempotencyOptions
  /** By the last segment of the route. */
  readonly hooks: Readonly<Record<string, HookOptions>>
  /** By the last segment of the route: those whose keys are fetched. */
  readonly remoteHooks: RemoteHooks
  /** Of `/hooks/rfc9421`. */
  readonly httpSignature: HttpSignatureOptions
}

const problemBaseUrl = 'https://docs.example.test/problems/'

const bytes32 = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index + 1))
/** Standard Webhooks and Svix decode their secrets, so theirs cannot be plain words. */
const decodable = `whsec_${bytes32.toString('base64')}`

const schemes = {
  ...signaturePresets,
  'header-secret': (options: SecretOptions) => staticHeader({ header: 'x-webhook-secret', ...options }),
}

/** Where words of one's own are no secret: what the lab takes instead. */
const defaultSecrets: Readonly<Record<string, string>> = {
  'standard-webhooks': decodable,
  svix: decodable,
  'adyen-raw': bytes32.toString('hex'),
  'adyen-item': bytes32.toString('hex'),
  // The public keys to the seed above, and to the scalar of 32 bytes of 1.
  discord: '79b5562e8fe654f94078b112e8a98ba7901f853ae695bed7e0e3910bad049664',
  kick: `-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlrV9zoIjISe3HdOLhQeKGEYAiM9GAF/V+WNhmGLLF9cGUMoH/EQIMvrlq+mNniRHeREYuUYxTFBwRsjyeTPIWaMoB2He8AyJAeV09WbIuaFx7s6kglVGMci6q6wOSE0e/oamuzJxnQvMj1X1u/lYQ9NXbRDOKGKpC4U5Vns/ujusPEN55owSXEq9Fvd5IM0Dw96qe9SY4ED9tIKXKPxSOUeOBxjAu/gAYNw4BIuDkyXeTTCFk95ykpnp1b4o8zD029hyopAtLVohadqcko9DnKlyJGm897HfZtypQdX1xg0maUuigu2AUmZTrm+jLQUL1mUzw4OkfrGTM3xkUclqiQIDAQAB\n-----END PUBLIC KEY-----`,
  sendgrid:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEb/A7lJJBzh2t1DUZ5pYOCoW0GmmgXDKBA6orzhWUyhY8T3U6Vb8B3FP2wLDH7ueLQMb/fSWpbiKCuYnO9xwUSg==',
}

/** The options of every guard: what the route says, over what `settings` say by the guard's name. */
export function guardOptions(store: Store, settings: GuardSettings = {}): GuardOptions {
  const keys = apiKeys({ store, prefix: 'acme' })
  const auth = { environment: 'live', problemBaseUrl, ...settings.apiKey, keys }
  const idempotent = { problemBaseUrl, ...settings.idempotency, store }
  return {
    auth,
    writer: { ...auth, scopes: ['payments:write'] },
    once: { ...idempotent, scope: 'caller', required: true },
    optional: { ...idempotent, scope: 'caller', required: false },
    everyone: { ...idempotent, scope: 'everyone', required: true },
    hooks: hookOptions(store, settings.signature),
    remoteHooks: remoteHooks(store, problemBaseUrl, settings.signature),
    httpSignature: httpSignatureOptions(store, settings.signature),
  }
}

function hookOptions(store: Store, settings: GuardSettings['signature'] = {}): GuardOptions['hooks'] {
  const { secrets = {}, now, policy: _, keyHost: fault, ...rest } = settings
  // The lab is called directly, so the URL that a sender was given is the one that it uses.
  const publicUrl = ({ url }: { readonly url: string }) => url
  const options = { problemBaseUrl, publicUrl, ...rest, ...(now !== undefined && { now: () => now * 1000 }) }
  const secretsOf = (name: string) => secrets[name] ?? [defaultSecrets[name] ?? `lab-secret-${name}`]
  const handshakesOf = hookHandshakes((name) => secretsOf(name)[0] ?? '', problemBaseUrl)
  return Object.fromEntries(
    Object.entries(schemes).map(([name, scheme]) => {
      const isFetched = name === 'fal' && secrets.fal === undefined
      const bound = scheme({ secrets: isFetched ? falKeys({ fetch: keyHost(fault) }) : secretsOf(name) })
      const signature = { ...options, scheme: bound, ...(bound.scheme.content.length > 0 && { store }) }
      return [name, { signature, ...handshakesOf(name) }]
    }),
  )
}

/**
 * The method and the body have to be signed, with HMAC-SHA-256 and no longer ago than the tolerance. It is the least that
 * protects a body, so that any client can be pointed here; an API of one's own requires `@target-uri`, too.
 */
function httpSignatureOptions(store: Store, settings: GuardSettings['signature'] = {}): HttpSignatureOptions {
  const { secrets = {}, now, policy, toleranceSeconds = 300, publicUrl, keyHost: _, ...rest } = settings
  return {
    problemBaseUrl,
    ...rest,
    ...(now !== undefined && { now: () => now * 1000 }),
    ...(typeof publicUrl === 'string' && { publicOrigin: new URL(publicUrl).origin }),
    store,
    keys: (secrets.rfc9421 ?? ['lab-secret-rfc9421']).map((key) => verificationKey({ algorithm: 'hmac-sha256', key })),
    policy: {
      required: ['@method', 'content-digest'],
      maxAgeSeconds: Number(toleranceSeconds),
      algorithms: ['hmac-sha256'],
      ...policy,
    },
  }
}
