import { ConfigurationError } from '../../errors.js'
import { isOfBody } from '../verification/signed-content.js'
import { type BoundScheme, bindScheme, type SecretOptions } from './bound-scheme.js'
import {
  type ContentSegment,
  contents,
  type FieldPlace,
  type Scheme,
  type SignatureCarrier,
  signatureFields,
  signsUrl,
} from './scheme.js'

/**
 * A preset: binds secrets to a scheme, and shows the scheme's data.
 *
 * @typeParam Extra options that a preset has besides the secrets; the data shown are those without them.
 */
export interface SchemeFactory<Extra extends object = object> {
  (options: SecretOptions & Extra): BoundScheme
  readonly scheme: Scheme
}

/**
 * The preset of a scheme: what `github` or `stripe` are, for a provider of one's own.
 *
 * @example
 * ```ts
 * import { defineScheme, signature, type Store } from '@latchkey/core'
 *
 * const acme = defineScheme({
 *   name: 'acme',
 *   carriers: [
 *     {
 *       signature: 'x-acme-signature',
 *       syntax: { form: 'prefixed', prefix: 'v1=' },
 *       variants: [{ algorithm: 'hmac-sha256', encoding: 'hex' }],
 *       timestamp: { header: 'x-acme-time' },
 *     },
 *   ],
 *   content: ['timestamp', { literal: '.' }, 'body'],
 *   timestamp: { unit: 's', toleranceSeconds: 300 },
 *   secrets: [{ encoding: 'utf8', kind: 'hmac' }],
 * })
 *
 * const fromAcme = (secret: string, store: Store) => signature({ scheme: acme({ secrets: [secret] }), store })
 * ```
 *
 * @throws ConfigurationError where the data contradict themselves.
 */
export function defineScheme(scheme: Scheme): SchemeFactory {
  const complaint = complaintAbout(scheme)
  if (complaint !== undefined) {
    throw new ConfigurationError('invalid-option', `defineScheme: ${JSON.stringify(scheme.name)}: ${complaint}`)
  }
  return Object.assign((options: SecretOptions) => bindScheme(scheme, options), { scheme })
}

function complaintAbout(scheme: Scheme): string | undefined {
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(scheme.name)) return 'name must be lower-case words with hyphens'
  if (scheme.carriers.length === 0) return 'carriers must hold at least one'
  if (scheme.secrets.length === 0) return 'secrets must hold at least one rule'
  for (const carrier of scheme.carriers) {
    const complaint = complaintAboutCarrier(scheme, carrier)
    if (complaint !== undefined) return complaint
  }
  return undefined
}

function complaintAboutCarrier(scheme: Scheme, carrier: SignatureCarrier): string | undefined {
  const { syntax, variants, timestamp } = carrier
  const names = [
    ...signatureFields(carrier),
    ...Object.keys(carrier.fixed ?? {}),
    ...headerOf(timestamp),
    ...headerOf(carrier.id),
  ]
  const field = names.find((name) => !/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
  if (field !== undefined) return `${JSON.stringify(field)} is no header field name in lower case`
  const isList = syntax.form === 'labelled' || syntax.form === 'pairs'
  if (variants.length === 0) return 'variants must hold at least one'
  if (isList && variants.some(({ label }) => label === undefined))
    return `a variant in a list of ${syntax.form} needs a label`
  if (!isList && (variants.length > 1 || variants[0]?.label !== undefined))
    return 'without a list there is one variant, and no label'
  if ((timestamp === undefined) !== (scheme.timestamp === undefined))
    return 'timestamp needs a place in each carrier, and a unit'
  if (syntax.form !== 'pairs' && [timestamp, carrier.id].some((place) => place !== undefined && 'element' in place)) {
    return 'only a list of pairs has elements'
  }
  for (const [index, content] of contents(scheme, carrier).entries()) {
    const complaint = complaintAboutContent(content, carrier, variants[index]?.algorithm === 'shared-secret')
    if (complaint !== undefined) return complaint
  }
  return undefined
}

function complaintAboutContent(
  content: readonly ContentSegment[],
  { timestamp, id, syntax, bodyDigestParameter }: SignatureCarrier,
  isSharedSecret: boolean,
): string | undefined {
  if ((content.length === 0) !== isSharedSecret)
    return 'content must be empty for a shared secret, and for nothing else'
  if (content.filter(isOfBody).length > 1) return 'content must hold the body at most once'
  if (content.some((segment) => typeof segment === 'object' && 'literal' in segment && segment.literal === ''))
    return 'a literal must not be empty'
  const isSigned = (segment: ContentSegment, place: FieldPlace | undefined) =>
    place === undefined || content.includes('body' in place ? 'body' : segment)
  if (!isSigned('timestamp', timestamp)) return 'a timestamp that is not signed proves nothing'
  if (content.includes('timestamp') && !isInHead(timestamp))
    return 'content names a timestamp that has no place in the head'
  if (content.includes('id') && !isInHead(id)) return 'content names an id that has no place in the head'
  const elements = content.flatMap((segment) =>
    typeof segment === 'object' && ('element' in segment || 'fieldsNamedIn' in segment) ? [segment] : [],
  )
  if (elements.length > 0 && syntax.form !== 'pairs') return 'only a list of pairs has elements'
  // What is not signed itself could be changed to sign other fields.
  const isNamed = (name: string) => elements.some((segment) => 'element' in segment && segment.element === name)
  if (elements.some((segment) => 'fieldsNamedIn' in segment && !isNamed(segment.fieldsNamedIn)))
    return 'content must hold the element that names the fields, too'
  if (bodyDigestParameter !== undefined && !signsUrl(content)) return 'a digest of the body in a URL that is not signed'
  return undefined
}

function headerOf(place: FieldPlace | undefined): readonly string[] {
  return place !== undefined && 'header' in place ? [place.header] : []
}

function isInHead(place: FieldPlace | undefined): boolean {
  return place !== undefined && !('body' in place)
}
