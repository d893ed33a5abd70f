import { createHash } from 'node:crypto'
import { type Scheme, sign, signaturePresets } from '@latchkey/core'
import { freshKey } from './call.js'
import type { Fields } from './deliveries.js'
import { labKeys } from './lab-keys.js'

/** One delivery of a preset's provider, and the same with something changed that is signed. */
export interface PresetDelivery {
  readonly headers: Fields
  readonly body: Buffer
  /** What stands behind the path. */
  readonly query: string
  readonly tampered: { readonly headers: Fields; readonly body: Buffer }
}

const bytes32 = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index + 1))

/** What signs for the secrets that the lab has by default, where these are no words of its own. */
const signingSecrets: Readonly<Record<string, string>> = {
  'standard-webhooks': `whsec_${bytes32.toString('base64')}`,
  svix: `whsec_${bytes32.toString('base64')}`,
  'adyen-raw': bytes32.toString('hex'),
  'adyen-item': bytes32.toString('hex'),
  discord: labKeys.ed25519,
  fal: labKeys.ed25519,
  kick: labKeys.rsa,
  sendgrid: labKeys.p256,
}

/** The secret with which a preset's deliveries are signed; of a key pair the private key. */
export function presetSecret(name: string): string {
  return signingSecrets[name] ?? `lab-secret-${name}`
}

/**
 * A delivery of a preset's provider that nothing else has made.
 *
 * @param baseUrl what stands before `/hooks/<name>` in the URL that is signed.
 *
 * @example
 * ```ts
 * import { presetDelivery } from '@latchkey/conformance'
 *
 * const { headers, body, query } = presetDelivery('square', 'https://api.example.com')
 * ```
 */
export function presetDelivery(name: string, baseUrl: string): PresetDelivery {
  const { scheme } = signaturePresets[name]!
  const secret = presetSecret(name)
  if (scheme.envelope !== undefined) return envelopedDelivery(name, scheme, secret)
  const isForm = scheme.carriers.some(() => scheme.content.includes('sorted-form'))
  const body = isForm ? `Id=${freshKey()}&Body=a+b` : JSON.stringify({ id: freshKey(), webhookTimestamp: Date.now() })
  const parameter = scheme.carriers[0]?.bodyDigestParameter
  const query = parameter === undefined ? '' : `?${parameter}=${createHash('sha256').update(body).digest('hex')}`
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json'
  const others = signedBeside(scheme)
  const url = `${baseUrl}/hooks/${name}${query}`
  const headers = { 'content-type': type, ...others, ...sign(scheme, { body, url, headers: others }, secret) }
  const isShown = scheme.content.length === 0
  const field = [scheme.carriers[0]!.signature].flat()[0]!
  const tampered = isShown
    ? { headers: { ...headers, [field]: `${secret}0` }, body: Buffer.from(body) }
    : { headers, body: Buffer.from(isForm ? `${body}&Paid=1` : `${body} `) }
  return { headers, body: Buffer.from(body), query, tampered }
}

/** Fields that are no credential, and that the provider signs. */
function signedBeside({ content }: Scheme): Readonly<Record<string, string>> {
  const fields = content.flatMap((segment) =>
    typeof segment === 'object' && 'field' in segment && segment.isOptional !== true ? [segment.field] : [],
  )
  return Object.fromEntries(fields.map((field) => [field, freshKey()]))
}

/** A body that carries its own signature, and the same with one signed member changed. */
function envelopedDelivery(name: string, scheme: Scheme, secret: string): PresetDelivery {
  const message = {
    signature: { timestamp: String(Math.floor(Date.now() / 1000)), token: freshKey() },
    notificationItems: [
      {
        NotificationRequestItem: {
          pspReference: freshKey(),
          merchantAccountCode: 'TestMerchant',
          amount: { value: 1000, currency: 'EUR' },
          eventCode: 'AUTHORISATION',
          success: 'true',
          additionalData: {},
        },
      },
    ],
  }
  const members = sign(scheme, { body: JSON.stringify(message) }, secret)
  for (const [field, path] of Object.entries(scheme.envelope ?? {})) {
    if (members[field] !== undefined) place(message, path, members[field])
  }
  const headers = { 'content-type': 'application/json' }
  const body = Buffer.from(JSON.stringify(message))
  const isMailgun = name === 'mailgun'
  if (isMailgun) message.signature.token = freshKey()
  else message.notificationItems[0]!.NotificationRequestItem.amount.value = 1
  return { headers, body, query: '', tampered: { headers, body: Buffer.from(JSON.stringify(message)) } }
}

function place(object: object, path: readonly string[], value: string): void {
  let at = object as Record<string, unknown>
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>
  at[path.at(-1)!] = value
}
