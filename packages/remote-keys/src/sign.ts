import { crc32 } from '@latchkey/core'
import { SignJWT } from 'jose'
import { makeRsaSignature, privateKeyOf, randomId, sha256 } from './crypto.js'
import { isMac, type JwtAlgorithm } from './jwt-keys.js'
import type { BodyDigestClaim } from './jwt-messages.js'
import { type SnsMessage, snsContent } from './sns-message.js'

/** A delivery to be signed as PayPal does. */
export interface PaypalMessage {
  /** The exact bytes that are sent; a string counts as its UTF-8 bytes. */
  readonly body: Uint8Array | string
  readonly webhookId: string
  /** Where the receiver finds the certificate. */
  readonly certUrl: string
  /** @defaultValue a random one */
  readonly transmissionId?: string
  /** Epoch milliseconds. @defaultValue the clock's */
  readonly timestampMs?: number
}

/**
 * Signs a delivery as PayPal does, for tests: with a private key of your own, whose certificate `keyHost.fetch` hands out.
 *
 * @returns the header fields to send, names in lower case.
 *
 * @example
 * ```ts
 * import { signPaypal } from '@latchkey/remote-keys'
 *
 * const certUrl = 'https://api.paypal.com/v1/notifications/certs/CERT-1'
 * const headersFor = (body: string, privateKey: string) =>
 *   signPaypal({ body, webhookId: '8JS53894R2224664N', certUrl }, privateKey)
 * ```
 *
 * @throws TypeError where the key is no private key in PEM.
 */
export function signPaypal(message: PaypalMessage, privateKey: string): Record<string, string> {
  const { webhookId, certUrl, transmissionId = randomId(), timestampMs = Date.now() } = message
  const time = new Date(timestampMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const content = `${transmissionId}|${time}|${webhookId}|${crc32(Buffer.from(message.body))}`
  const signature = makeRsaSignature('sha256', privateKeyOf(privateKey), Buffer.from(content))
  return {
    'paypal-transmission-id': transmissionId,
    'paypal-transmission-time': time,
    'paypal-transmission-sig': Buffer.from(signature).toString('base64'),
    'paypal-cert-url': certUrl,
    'paypal-auth-algo': 'SHA256withRSA',
  }
}

/** A message to be signed as Amazon SNS does. */
export interface SnsMessageToSign extends Pick<SnsMessage, 'topicArn' | 'message'> {
  /** Where the receiver finds the certificate. */
  readonly certUrl: string
  /** @defaultValue `'Notification'` */
  readonly type?: SnsMessage['type']
  /** @defaultValue a random one */
  readonly messageId?: string
  readonly subject?: string
  /** Of a confirmation. @defaultValue a random one */
  readonly token?: string
  /** Epoch milliseconds. @defaultValue the clock's */
  readonly timestampMs?: number
  /** `SignatureVersion`: 2 is SHA-256, 1 SHA-1. @defaultValue `2` */
  readonly version?: 1 | 2
}

/** What to send. */
export interface SignedSnsPost {
  readonly headers: Record<string, string>
  readonly body: string
}

/**
 * Signs a message as Amazon SNS does, for tests: with a private key of your own, whose certificate `keyHost.fetch` hands out.
 *
 * @example
 * ```ts
 * import { signSns } from '@latchkey/remote-keys'
 *
 * const topicArn = 'arn:aws:sns:eu-central-1:123456789012:orders'
 * const certUrl = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem'
 * const post = (message: string, privateKey: string) => signSns({ topicArn, message, certUrl }, privateKey)
 * ```
 *
 * @throws TypeError where the key is no private key in PEM.
 */
export function signSns(message: SnsMessageToSign, privateKey: string): SignedSnsPost {
  const {
    type = 'Notification',
    messageId = randomId(),
    topicArn,
    certUrl,
    version = 2,
    timestampMs = Date.now(),
  } = message
  const isConfirmation = type !== 'Notification'
  const token = isConfirmation ? (message.token ?? randomId()) : undefined
  const members = {
    Type: type,
    MessageId: messageId,
    TopicArn: topicArn,
    ...(message.subject !== undefined && !isConfirmation && { Subject: message.subject }),
    Message: message.message,
    Timestamp: new Date(timestampMs).toISOString(),
    ...(token !== undefined && {
      Token: token,
      SubscribeURL: `${new URL(certUrl).origin}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`,
    }),
  }
  const content = Buffer.from(snsContent(type, members))
  const signature = makeRsaSignature(version === 1 ? 'sha1' : 'sha256', privateKeyOf(privateKey), content)
  const headers = {
    'content-type': 'text/plain; charset=UTF-8',
    'x-amz-sns-message-type': type,
    'x-amz-sns-message-id': messageId,
    'x-amz-sns-topic-arn': topicArn,
  }
  const Signature = Buffer.from(signature).toString('base64')
  return {
    headers,
    body: JSON.stringify({ ...members, SignatureVersion: String(version), Signature, SigningCertURL: certUrl }),
  }
}

/** A message to be signed with a JSON Web Token. */
export interface JwtMessage {
  /** The exact bytes that are sent; a string counts as its UTF-8 bytes. */
  readonly body: Uint8Array | string
  readonly algorithm: JwtAlgorithm
  /** Where the token holds the body's digest. @defaultValue nowhere */
  readonly bodyDigest?: BodyDigestClaim | 'unsigned'
  /** Further claims: `iss`, `aud`, `exp`. @defaultValue none */
  readonly claims?: Readonly<Record<string, unknown>>
  readonly keyId?: string
  /** Epoch milliseconds for `iat`; `null`: there is none. @defaultValue the clock's */
  readonly timestampMs?: number | null
}

/**
 * Makes the token of a message, for tests and for those who send webhooks so.
 *
 * @param key the secret for `HS…`, or a private key in PEM.
 *
 * @example
 * ```ts
 * import { signJwt } from '@latchkey/remote-keys'
 *
 * const bodyDigest = { claim: 'request_body_sha256', encoding: 'hex' } as const
 * const tokenFor = (body: string, privateKey: string) => signJwt({ body, algorithm: 'ES256', bodyDigest, keyId: 'k1' }, privateKey)
 * ```
 *
 * @throws TypeError by rejection where the key does not fit the algorithm.
 */
export async function signJwt(message: JwtMessage, key: string): Promise<string> {
  const { body, algorithm, bodyDigest = 'unsigned', claims = {}, keyId, timestampMs = Date.now() } = message
  const digest = bodyDigest === 'unsigned' ? {} : { [bodyDigest.claim]: sha256(body).toString(bodyDigest.encoding) }
  const jwt = new SignJWT({ ...digest, ...claims }).setProtectedHeader({
    alg: algorithm,
    typ: 'JWT',
    ...(keyId !== undefined && { kid: keyId }),
  })
  if (timestampMs !== null) jwt.setIssuedAt(Math.floor(timestampMs / 1000))
  return jwt.sign(isMac(algorithm) ? Buffer.from(key) : privateKeyOf(key))
}
