import { createHash, createPublicKey } from 'node:crypto'
import { presetSecret } from '@latchkey/conformance'
import { type BoundScheme, type HasScheme, type OutgoingMessage, sign, signaturePresets } from '@latchkey/core'

/** The names of all presets. */
export const presetNames: readonly string[] = Object.keys(signaturePresets)

/** A preset with the secret that verifies what {@link signedDelivery} signs; of a key pair the public key. */
export function boundPreset(name: string): BoundScheme {
  const secret = presetSecret(name)
  const isPair = secret.startsWith('-----BEGIN')
  const verifies = isPair ? String(createPublicKey(secret).export({ format: 'pem', type: 'spki' })) : secret
  return signaturePresets[name]!({ secrets: [verifies] })
}

/** A delivery of a preset's provider. */
export interface SignedDelivery {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly url: string
}

/** What a preset's provider sends to deliver `message`; a scheme with an envelope puts its credential into the JSON body. */
export function signedDelivery(
  name: string,
  message: OutgoingMessage & { readonly body: Buffer; readonly url: string },
): SignedDelivery {
  const preset = signaturePresets[name]!
  const secret = presetSecret(name)
  if (preset.scheme.envelope !== undefined) return envelopedDelivery(preset, secret, message)
  const { bodyDigestParameter } = preset.scheme.carriers[0]!
  const digest = createHash('sha256').update(message.body).digest('hex')
  const mark = message.url.includes('?') ? '&' : '?'
  const url = bodyDigestParameter === undefined ? message.url : `${message.url}${mark}${bodyDigestParameter}=${digest}`
  const headers = { ...signedBeside(preset), ...message.headers }
  return { headers: { ...headers, ...sign(preset, { ...message, url, headers }, secret) }, body: message.body, url }
}

/** Fields that are no credential, and that the provider signs. */
function signedBeside({ scheme: { content } }: HasScheme): Readonly<Record<string, string>> {
  const fields = content.flatMap((segment) =>
    typeof segment === 'object' && 'field' in segment ? [segment.field] : [],
  )
  return Object.fromEntries(fields.map((field) => [field, 'of-the-provider']))
}

function envelopedDelivery(
  { scheme }: HasScheme,
  secret: string,
  { body, url, timestampMs = Date.now(), id = 'e6d9d36b2a5c44c0' }: OutgoingMessage & { body: Buffer; url: string },
): SignedDelivery {
  const text = body.toString()
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const { id: eventId } = JSON.parse(text.slice(mark.length))
  const message = {
    id: eventId,
    signature: { timestamp: String(Math.floor(timestampMs / 1000)), token: id },
    notificationItems: [
      {
        NotificationRequestItem: {
          pspReference: eventId,
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
  return { headers: {}, body: Buffer.from(mark + JSON.stringify(message)), url }
}

function place(object: object, path: readonly string[], value: string): void {
  let at = object as Record<string, unknown>
  for (const name of path.slice(0, -1)) at = at[name] as Record<string, unknown>
  at[path.at(-1)!] = value
}
