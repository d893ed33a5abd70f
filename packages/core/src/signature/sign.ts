import { base64url, utf8 } from '../bytes.js'
import { fillRandom } from '../crypto.js'
import { ConfigurationError } from '../errors.js'
import type { RequestHeaders } from '../guard.js'
import { messageHeaders } from './message-headers.js'
import { algorithms, makeSignature } from './scheme-model/algorithm.js'
import { encodeSignature } from './scheme-model/encoding.js'
import {
  type FieldPlace,
  type HasScheme,
  type Scheme,
  type SignatureCarrier,
  signatureFields,
  signsId,
  type TimestampUnit,
} from './scheme-model/scheme.js'
import { decodeSecret } from './scheme-model/secret.js'
import { isDeliveryId } from './verification/credential.js'
import { credentialFields } from './verification/envelope.js'
import { type ContentParts, signedBytes } from './verification/signed-content.js'
import { formatTimestamp } from './verification/timestamp.js'

/** A message to be signed. */
export interface OutgoingMessage {
  /** The exact bytes that are sent; a string counts as its UTF-8 bytes. */
  readonly body: Uint8Array | string
  /**
   * The delivery id: the same over all attempts at one message.
   *
   * @defaultValue a random one (`msg_…`) where the scheme signs an id, else none
   */
  readonly id?: string
  /** When the message is sent, in epoch milliseconds: new with every attempt. @defaultValue the clock's */
  readonly timestampMs?: number
  /** @defaultValue `'POST'` */
  readonly method?: string
  /** The receiver's, for schemes that sign it. @defaultValue `''` */
  readonly url?: string
  /** Further header fields of the message: schemes that let the sender choose fields sign these. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Signs a message as the scheme's provider does: for tests, and for those who send webhooks themselves.
 *
 * @param scheme a preset (`stripe`), a bound one, or the data.
 * @param secret or several, of which each signs, so that a receiver can change over; where the scheme's syntax has a list.
 * @returns the header fields to send, names in lower case; for a scheme with an envelope the members to put into the body by
 * their fields' names.
 *
 * @example
 * ```ts
 * import { sign, standardWebhooks } from '@latchkey/core'
 *
 * const send = (url: string, event: object, secret: string) => {
 *   const body = JSON.stringify(event)
 *   return fetch(url, { method: 'POST', body, headers: sign(standardWebhooks, { body }, secret) })
 * }
 * ```
 *
 * @throws ConfigurationError where the secret cannot sign, or the id is not one.
 */
export function sign(
  scheme: Scheme | HasScheme,
  message: OutgoingMessage,
  secret: string | readonly string[],
): Record<string, string> {
  const data = 'scheme' in scheme ? scheme.scheme : scheme
  const carrier = data.carriers[0]!
  const body = typeof message.body === 'string' ? utf8(message.body) : message.body
  const { method = 'POST', url = '', headers: others = {} } = message
  const fields = credentialFields(data, messageHeaders(others), body)
  const timestamp =
    data.timestamp && (enveloped(data, carrier.timestamp, fields) ?? timeOf(message, data.timestamp.unit))
  const id = deliveryId(enveloped(data, carrier.id, fields) ?? message.id, data, carrier)
  const elements = signedElements(data, carrier, { timestamp, id, names: Object.keys(others).join(' ') })
  const parts = { id, timestamp, method, url, fields, elements }
  const secrets = typeof secret === 'string' ? [secret] : secret
  if (!Array.isArray(secrets) || secrets.length === 0)
    throw invalid('sign: secret must be a text, or a list of at least one')
  const signatures = secrets.map((one, index) => signOnce(data, carrier, parts, body, one, `sign: secret ${index + 1}`))
  const headers: Record<string, string> = { ...carrier.fixed }
  if (carrier.id !== undefined && 'header' in carrier.id && id !== undefined) headers[carrier.id.header] = id
  if (carrier.timestamp !== undefined && 'header' in carrier.timestamp && timestamp !== undefined) {
    headers[carrier.timestamp.header] = timestamp
  }
  return { ...headers, ...signatureHeaders(carrier, signatures, elements) }
}

interface MadeSignature {
  readonly label: string | undefined
  readonly text: string
}

function signOnce(
  scheme: Scheme,
  carrier: SignatureCarrier,
  parts: ContentParts,
  body: Uint8Array,
  secret: string,
  where: string,
): MadeSignature {
  const key = decodeSecret(secret, scheme, where)
  const variant = carrier.variants.find(({ algorithm, content = scheme.content }) => {
    const isPossible = content.every(
      (segment) => typeof segment !== 'object' || !('element' in segment) || parts.elements.has(segment.element),
    )
    return isPossible && algorithms[algorithm].signsWith === key.kind
  })
  if (variant === undefined) throw invalid(`${where} verifies and cannot sign: give the private key that belongs to it`)
  const bytes = makeSignature(variant.algorithm, key, signedBytes(variant.content ?? scheme.content, parts, body))
  return { label: variant.label, text: encodeSignature(bytes, variant.encoding) }
}

function signatureHeaders(
  carrier: SignatureCarrier,
  signatures: readonly MadeSignature[],
  elements: ReadonlyMap<string, string>,
): Record<string, string> {
  const { syntax } = carrier
  const fields = signatureFields(carrier)
  if (syntax.form === 'labelled' || syntax.form === 'pairs') {
    const mark = syntax.form === 'pairs' ? '=' : ','
    const items = [...elements, ...signatures.map(({ label, text }) => [label, text])].map(
      ([label, text]) => `${label}${mark}${text}`,
    )
    return { [fields[0]!]: items.join(syntax.form === 'pairs' ? syntax.separator : ' ') }
  }
  if (signatures.length === 0 || signatures.length > fields.length) {
    throw invalid(`sign: this scheme carries 1 to ${fields.length} signatures, not ${signatures.length}`)
  }
  const prefix = syntax.form === 'prefixed' ? syntax.prefix : ''
  return Object.fromEntries(signatures.map(({ text }, index) => [fields[index]!, prefix + text]))
}

/** What a list of pairs says besides its signatures: the time, the id, and the names of further fields that are signed. */
function signedElements(
  scheme: Scheme,
  { timestamp, id, variants }: SignatureCarrier,
  values: { readonly timestamp: string | undefined; readonly id: string | undefined; readonly names: string },
): ReadonlyMap<string, string> {
  const elements = new Map<string, string>()
  const place = (at: FieldPlace | undefined, text: string | undefined) => {
    if (at !== undefined && 'element' in at && text !== undefined) elements.set(at.element, text)
  }
  place(timestamp, values.timestamp)
  place(id, values.id)
  for (const segment of variants.flatMap(({ content = scheme.content }) => content)) {
    if (typeof segment === 'object' && 'fieldsNamedIn' in segment && values.names !== '') {
      elements.set(segment.fieldsNamedIn, values.names.toLowerCase())
    }
  }
  return elements
}

/** What the body says already, where the credential stands in it. */
function enveloped(scheme: Scheme, place: FieldPlace | undefined, fields: RequestHeaders): string | undefined {
  if (scheme.envelope === undefined || place === undefined || !('header' in place)) return undefined
  return fields.get(place.header) ?? undefined
}

function timeOf({ timestampMs = Date.now() }: OutgoingMessage, unit: TimestampUnit): string {
  return formatTimestamp(timestampMs, unit)
}

function deliveryId(id: string | undefined, scheme: Scheme, carrier: SignatureCarrier): string | undefined {
  if (carrier.id === undefined || 'body' in carrier.id) return undefined
  if (id === undefined) return signsId(scheme, carrier) ? randomId() : undefined
  if (isDeliveryId(id, scheme, carrier)) return id
  throw invalid('sign: id must be 1 to 256 printable ASCII characters without dot and comma')
}

function randomId(): string {
  const bytes = new Uint8Array(16)
  fillRandom(bytes)
  return `msg_${base64url(bytes)}`
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('invalid-option', message)
}
