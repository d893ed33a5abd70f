import { decodeSignature, type Guard, OptionReader, parseTimestamp, type RequestHeaders } from '@latchkey/core'
import { judgeAge } from './age.js'
import { isRsaSignature } from './crypto.js'
import type { RemoteSignatureFault } from './fault.js'
import {
  type RemoteGrant,
  type RemoteVerifier,
  remoteGuard,
  remoteGuardOptions,
  remoteGuardSettings,
} from './remote-guard.js'
import { remoteVerify, type VerifyRemote } from './remote-verify.js'
import { replayId } from './replay-id.js'
import { isSnsType, readSnsMessage, type SignedSnsMessage, type SnsMessage } from './sns-message.js'
import { type SnsOptions, type SnsRules, type SnsSettings, snsSettings } from './sns-options.js'

/** What the handler learns about a message of Amazon SNS. Read `message` and not the body: what is not in it is not signed. */
export interface SnsGrant extends RemoteGrant {
  readonly scheme: 'sns'
  /** The message id: the same over retries. */
  readonly id: string
  readonly isIdSigned: true
  readonly signedAtMs: number
  readonly message: SnsMessage
}

/**
 * The guard for messages that Amazon SNS posts: RSA with SHA-256 (`SignatureVersion` 2) over the signed members of the body, by
 * the certificate at `SigningCertURL`, which is fetched from the topic's own region and nowhere else
 * (https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html).
 *
 * Confirmations pass, too, and nothing is confirmed by itself: look at `message.type`, and see `confirmSubscription`.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 * import { sns } from '@latchkey/remote-keys'
 *
 * const topicArns = ['arn:aws:sns:eu-central-1:123456789012:orders']
 * export const fromSns = mount('signature', sns({ topicArns, store: memoryStore() }))
 * ```
 *
 * @throws ConfigurationError where an option is impossible; by rejection where something read the body before the guard, or
 * where it guards a request twice.
 */
export function sns(options: SnsOptions): Guard<SnsGrant> {
  const read = new OptionReader('sns', options, Object.keys(guardKnown) as (keyof SnsOptions)[])
  const settings = snsSettings('sns', read)
  const messages = snsMessages(settings)
  return remoteGuard(remoteGuardSettings('sns', read, settings), {
    ...messages,
    begin: (head, nowMs, find) => faultOfHead(head.headers, settings) ?? messages.begin(head, nowMs, find),
  })
}

/**
 * Verifies messages of Amazon SNS that are in memory: all that the guard `sns` does but the replay window. Header fields are not
 * looked at.
 *
 * @example
 * ```ts
 * import { snsVerifier } from '@latchkey/remote-keys'
 *
 * export const verifySns = snsVerifier({ topicArns: ['arn:aws:sns:eu-central-1:123456789012:orders'] })
 * ```
 *
 * @throws ConfigurationError where an option is impossible.
 */
export function snsVerifier(options: SnsRules): VerifyRemote<SnsGrant> {
  const read = new OptionReader('snsVerifier', options, Object.keys(known) as (keyof SnsRules)[])
  const settings = snsSettings('snsVerifier', read)
  return remoteVerify(snsMessages(settings), settings.now)
}

const known = {
  topicArns: true,
  allowLegacy: true,
  maxAgeSeconds: true,
  roots: true,
  intermediates: true,
  keyHost: true,
  now: true,
} as const satisfies Record<keyof SnsRules, true>

const guardKnown = { ...remoteGuardOptions, ...known } as const satisfies Record<keyof SnsOptions, true>

/**
 * What Amazon SNS says in the head (https://docs.aws.amazon.com/sns/latest/dg/http-header.html) is not signed. It is enough to
 * turn strangers away before their body is read.
 */
function faultOfHead(headers: RequestHeaders, { topics }: SnsSettings): RemoteSignatureFault | undefined {
  const names = ['x-amz-sns-message-type', 'x-amz-sns-topic-arn']
  if (names.some((name) => headers.count(name) === 0)) return 'missing'
  if (names.some((name) => headers.count(name) > 1)) return 'duplicate'
  // Where repeated fields arrive joined, two types are none.
  if (!isSnsType(headers.get('x-amz-sns-message-type'))) return 'malformed'
  return topics.has(headers.get('x-amz-sns-topic-arn') ?? '') ? undefined : 'unknown-topic'
}

function snsMessages(settings: SnsSettings): RemoteVerifier<SnsGrant> {
  return {
    scheme: 'sns',
    async begin({ body }, nowMs, find) {
      // The signature stands in the body, so all of it is read before anything of it can be judged.
      const signed = readSnsMessage(await body())
      if (signed === undefined) return 'malformed'
      const judged = judge(signed, settings, nowMs)
      if (typeof judged === 'string') return judged
      const { hash, signature, signedAtMs } = judged
      const { message, content, certUrl } = signed
      const key = await find(() => settings.certificates.keyAt(certUrl))
      if (key === undefined) return 'unknown-key'
      if (!isRsaSignature(hash, key, Buffer.from(content), signature)) return 'mismatch'
      const id = message.messageId
      const grant: SnsGrant = { scheme: 'sns', id, isIdSigned: true, signedAtMs, message }
      const genuine = { grant, replayIds: () => [replayId('sns', message.topicArn, message.type, id)] }
      return { readsBody: false, feed: () => {}, finish: () => genuine }
    },
  }
}

/** All that can be judged before a certificate is fetched. */
function judge(
  { message, version, signature: text, certUrl }: SignedSnsMessage,
  { topics, allowsSha1, maxAgeSeconds }: SnsSettings,
  nowMs: number,
) {
  const topic = topics.get(message.topicArn)
  if (topic === undefined) return 'unknown-topic'
  if (version !== '1' && version !== '2') return 'unknown-version'
  if (version === '1' && !allowsSha1) return 'downgrade'
  const signature = decodeSignature(text, 'base64', undefined)
  const signedAtMs = parseTimestamp(message.timestamp, 'rfc3339')
  if (signature === undefined || signedAtMs === undefined || !/^[A-Za-z0-9-]{1,64}$/.test(message.messageId))
    return 'malformed'
  const fault = judgeAge(signedAtMs, nowMs, 'rfc3339', maxAgeSeconds)
  if (fault !== undefined) return fault
  if (!isCertificateUrl(certUrl, topic.host)) return 'untrusted-url'
  return { hash: version === '1' ? 'sha1' : 'sha256', signature, signedAtMs } as const
}

/** The text itself is what is judged: no port, user, query, dot segment or escape is in it that a URL parser could read otherwise. */
function isCertificateUrl(text: string, host: string): boolean {
  const start = `https://${host}/`
  return text.startsWith(start) && /^[A-Za-z0-9-]{1,100}\.pem$/.test(text.slice(start.length))
}
