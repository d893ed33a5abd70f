import { crc32, decodeSignature, type Guard, OptionReader, parseTimestamp, type RequestHeaders } from '@latchkey/core'
import { judgeAge } from './age.js'
import { isRsaSignature } from './crypto.js'
import type { RemoteSignatureFault } from './fault.js'
import {
  type PaypalOptions,
  type PaypalRules,
  type PaypalSettings,
  paypalHosts,
  paypalSettings,
} from './paypal-options.js'
import {
  type RemoteGrant,
  type RemoteVerifier,
  remoteGuard,
  remoteGuardOptions,
  remoteGuardSettings,
} from './remote-guard.js'
import { remoteVerify, type VerifyRemote } from './remote-verify.js'
import { replayId } from './replay-id.js'

/** What the handler learns about a delivery of PayPal. */
export interface PaypalGrant extends RemoteGrant {
  readonly scheme: 'paypal'
  /** The transmission id: the same over retries. */
  readonly id: string
  readonly isIdSigned: true
  readonly signedAtMs: number
}

/**
 * The guard for PayPal's webhooks: RSA with SHA-256 over `<transmission id>|<time>|<webhook id>|<CRC-32 of the body>`, by the
 * certificate that `paypal-cert-url` names (https://developer.paypal.com/api/rest/webhooks/rest/). The certificate is fetched
 * from PayPal's own host and nowhere else, must bear PayPal's name, and must lead to a root that is trusted.
 *
 * @remarks Insecure if others can read your deliveries: PayPal signs a CRC-32 and not the body, and who has a delivery can write
 * another body with the same one. The replay window lets only the first of the two in.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 * import { paypal } from '@latchkey/remote-keys'
 *
 * const { PAYPAL_WEBHOOK_ID = '' } = process.env
 * export const fromPaypal = mount('signature', paypal({ webhookId: PAYPAL_WEBHOOK_ID, store: memoryStore() }))
 * ```
 *
 * @throws ConfigurationError where an option is impossible; by rejection where something read the body before the guard, or
 * where it guards a request twice.
 */
export function paypal(options: PaypalOptions): Guard<PaypalGrant> {
  const read = new OptionReader('paypal', options, Object.keys(guardKnown) as (keyof PaypalOptions)[])
  const rules = paypalSettings('paypal', read)
  return remoteGuard(remoteGuardSettings('paypal', read, rules), paypalMessages(rules))
}

/**
 * Verifies deliveries of PayPal that are in memory: all that the guard `paypal` does but the replay window.
 *
 * @example
 * ```ts
 * import { paypalVerifier } from '@latchkey/remote-keys'
 *
 * export const verifyPaypal = paypalVerifier({ webhookId: '8JS53894R2224664N', environment: 'sandbox' })
 * ```
 *
 * @throws ConfigurationError where an option is impossible.
 */
export function paypalVerifier(options: PaypalRules): VerifyRemote<PaypalGrant> {
  const read = new OptionReader('paypalVerifier', options, Object.keys(known) as (keyof PaypalRules)[])
  const rules = paypalSettings('paypalVerifier', read)
  return remoteVerify(paypalMessages(rules), rules.now)
}

const known = {
  webhookId: true,
  environment: true,
  maxAgeSeconds: true,
  roots: true,
  intermediates: true,
  keyHost: true,
  now: true,
} as const satisfies Record<keyof PaypalRules, true>

const guardKnown = { ...remoteGuardOptions, ...known } as const satisfies Record<keyof PaypalOptions, true>

function paypalMessages(settings: PaypalSettings): RemoteVerifier<PaypalGrant> {
  const { webhookId, certificates } = settings
  return {
    scheme: 'paypal',
    async begin({ headers }, nowMs, find) {
      const head = readHead(headers, settings, nowMs)
      if (typeof head === 'string') return head
      const { id, time, signedAtMs, certUrl, signature } = head
      const key = await find(() => certificates.keyAt(certUrl))
      if (key === undefined) return 'unknown-key'
      let crc = 0
      let fedBytes = 0
      return {
        readsBody: true,
        feed(chunk) {
          crc = crc32(chunk, crc)
          fedBytes += chunk.length
        },
        finish(body) {
          // Where another guard has read the body before, no chunks came.
          const checksum = fedBytes === body.length ? crc : crc32(body)
          const content = Buffer.from(`${id}|${time}|${webhookId}|${checksum}`)
          if (!isRsaSignature('sha256', key, content, signature)) return 'mismatch'
          const grant = { scheme: 'paypal', id, isIdSigned: true, signedAtMs } as const
          return { grant, replayIds: () => [replayId('paypal', webhookId, id)] }
        },
      }
    },
  }
}

const names = {
  id: 'paypal-transmission-id',
  time: 'paypal-transmission-time',
  signature: 'paypal-transmission-sig',
  certUrl: 'paypal-cert-url',
  algorithm: 'paypal-auth-algo',
} as const

interface PaypalHead {
  readonly id: string
  /** As it was sent. */
  readonly time: string
  readonly signedAtMs: number
  readonly certUrl: string
  readonly signature: Uint8Array
}

/** Reads all that can be judged before anything is fetched or the body is read. */
function readHead(headers: RequestHeaders, settings: PaypalSettings, nowMs: number): PaypalHead | RemoteSignatureFault {
  const fields = Object.values(names)
  if (fields.some((name) => headers.count(name) === 0)) return 'missing'
  if (fields.some((name) => headers.count(name) > 1)) return 'duplicate'
  const [id, time, sig, certUrl, algorithm] = fields.map((name) => headers.get(name) ?? '') as [
    string,
    string,
    string,
    string,
    string,
  ]
  if (algorithm !== 'SHA256withRSA') return 'wrong-algorithm'
  const signature = decodeSignature(sig, 'base64', undefined)
  const signedAtMs = parseTimestamp(time, 'rfc3339')
  if (!/^[A-Za-z0-9-]{1,64}$/.test(id) || signature === undefined || signedAtMs === undefined) return 'malformed'
  const fault = judgeAge(signedAtMs, nowMs, 'rfc3339', settings.maxAgeSeconds)
  if (fault !== undefined) return fault
  if (!isCertificateUrl(certUrl, paypalHosts[settings.environment])) return 'untrusted-url'
  return { id, time, signedAtMs, certUrl, signature }
}

/** The text itself is what is judged: no port, user, query, dot segment or escape is in it that a URL parser could read otherwise. */
function isCertificateUrl(text: string, host: string): boolean {
  const start = `https://${host}/v1/notifications/certs/`
  return text.startsWith(start) && /^[A-Za-z0-9-]{1,100}$/.test(text.slice(start.length))
}
