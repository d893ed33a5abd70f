import type { FieldPlace, Scheme, SignatureCarrier, SignatureVariant } from '@latchkey/core'
import type { Message } from './message.js'

/**
 * Whether a message may verify because another does: all that its sender signed stands in both alike, and a signature of it
 * is spelled as it may be. Written from the contract and the data of a scheme, with nothing of what verifies.
 */
export function mayVerify(scheme: Scheme, genuine: Message, other: Message): boolean {
  return scheme.envelope === undefined
    ? isSignedAlike(scheme, genuine, other) && areCoveredAlike(scheme, genuine, other)
    : areMembersAlike(scheme.envelope, genuine.body, other.body)
}

function valuesOf({ lines }: Message, field: string): readonly string[] {
  return lines.filter(([name]) => name.toLowerCase() === field).map(([, value]) => value)
}

function fieldsOf(carrier: SignatureCarrier): readonly string[] {
  return [carrier.signature].flat()
}

function carrierOf(scheme: Scheme, message: Message): SignatureCarrier | undefined {
  return scheme.carriers.find((one) => fieldsOf(one).some((name) => valuesOf(message, name).length > 0))
}

/** The values that stand for themselves: each on one line, and the same. */
function fixedFields(scheme: Scheme, carrier: SignatureCarrier): readonly (string | undefined)[] {
  const headerOf = (place: FieldPlace | undefined) =>
    place !== undefined && 'header' in place ? place.header : undefined
  const signsId = scheme.content.includes('id')
  return [headerOf(carrier.timestamp), signsId ? headerOf(carrier.id) : undefined, ...Object.keys(carrier.fixed ?? {})]
}

function isSignedAlike(scheme: Scheme, genuine: Message, other: Message): boolean {
  const [ours, theirs] = [carrierOf(scheme, genuine), carrierOf(scheme, other)]
  if (ours === undefined || theirs === undefined || theirs.legacy !== undefined) return false
  const names = fixedFields(scheme, theirs)
  const isSame = fixedFields(scheme, ours).every((name, index) => {
    if (name === undefined) return true
    const [value, ...further] = valuesOf(other, names[index]!)
    return further.length === 0 && value === valuesOf(genuine, name)[0]
  })
  if (!isSame || fieldsOf(theirs).some((name) => valuesOf(other, name).length > 1)) return false
  const shown = fieldsOf(theirs).flatMap((name) => valuesOf(other, name))
  const made = fieldsOf(ours).flatMap((name) => valuesOf(genuine, name))
  return shown.some((value) => isSpelling(theirs, made[0]!, value))
}

/** Whether one signature field holds what the other does. Hexadecimal is in either case; a list may hold more. */
function isSpelling({ syntax, variants, strongestOnly }: SignatureCarrier, made: string, shown: string): boolean {
  const isSignature = (variant: SignatureVariant, one: string, other: string) =>
    one === other || (variant.encoding === 'hex' && one.toLowerCase() === other.toLowerCase())
  if (syntax.form === 'bare') return isSignature(variants[0]!, made, shown)
  if (syntax.form === 'prefixed') {
    const { length } = syntax.prefix
    const isPrefixed = shown.slice(0, length) === made.slice(0, length)
    return isPrefixed && isSignature(variants[0]!, made.slice(length), shown.slice(length))
  }
  const [separator, mark] = syntax.form === 'pairs' ? [syntax.separator, '='] : [' ', ',']
  const items = (text: string) =>
    text.split(separator).map((item) => {
      const at = item.indexOf(mark)
      return [item.slice(0, Math.max(at, 0)), item.slice(at + 1)] as const
    })
  const variantOf = (label: string) => variants.find((variant) => variant.label === label)
  // What is no signature, a time or a list of names, is signed itself.
  const elements = items(made).filter(([label]) => variantOf(label) === undefined)
  const found = items(shown)
  if (found.length - elements.length > 16) return false
  const areSame = elements.every(([label, text]) => {
    const same = found.filter(([name]) => name === label)
    return same.length === 1 && same[0]![1] === text
  })
  const strongest = variants.find(({ label }) => found.some(([name]) => name === label))
  return (
    areSame &&
    items(made).some(([label, text]) => {
      const variant = variantOf(label)
      if (variant === undefined || (strongestOnly && variant !== strongest)) return false
      return found.some(([name, value]) => name === label && isSignature(variant, text, value))
    })
  )
}

function areCoveredAlike(scheme: Scheme, genuine: Message, other: Message): boolean {
  const carrier = carrierOf(scheme, genuine)!
  const isBound = carrier.bodyDigestParameter !== undefined
  // The stronger version of a list covers what the weaker does, and fields besides.
  const versions = carrier.variants.map(({ content = scheme.content }) => content)
  const label = valuesOf(genuine, fieldsOf(carrier)[0]!)[0]!
  const content = versions.find((_, index) => label.includes(`${carrier.variants[index]!.label}=`)) ?? scheme.content
  if (isBound && !genuine.body.equals(other.body)) return false
  return content.every((segment) => {
    if (segment === 'body' || segment === 'body-sha256') return genuine.body.equals(other.body)
    if (segment === 'method') return genuine.method === other.method
    if (segment === 'url') return genuine.url === other.url
    if (segment === 'sorted-form') return formOf(genuine.body) === formOf(other.body)
    if (typeof segment === 'string' || 'literal' in segment || 'element' in segment) return true
    if ('urlUnescaping' in segment) {
      return unescaped(genuine.url, segment.urlUnescaping) === unescaped(other.url, segment.urlUnescaping)
    }
    const names = 'field' in segment ? [segment.field] : ['x-event-type']
    return names.every((name) => JSON.stringify(valuesOf(genuine, name)) === JSON.stringify(valuesOf(other, name)))
  })
}

function unescaped(url: string, characters: string): string {
  let text = url
  for (const character of characters) {
    const code = character.charCodeAt(0).toString(16).padStart(2, '0')
    text = text.replaceAll(new RegExp(`%${code}`, 'gi'), () => character)
  }
  return text
}

/** What Twilio signs of a form: it writes no border between a name and its value. */
function formOf(body: Buffer): string {
  const decoded = (text: string) =>
    text
      .replaceAll('+', ' ')
      .replaceAll(/%[0-9A-Fa-f]{2}/g, (digits) => Buffer.from(digits.slice(1), 'hex').toString('latin1'))
  const pairs = body
    .toString('latin1')
    .split('&')
    .filter((pair) => pair !== '')
  const parameters = pairs.map((pair): [string, string] => {
    const [name = '', ...values] = pair.split('=')
    return [decoded(name), decoded(values.join('='))]
  })
  const byName = new Map<string, string[]>()
  for (const [name, value] of parameters) byName.set(name, [...(byName.get(name) ?? []), value])
  const names = [...byName.keys()].sort()
  return names
    .map((name) =>
      [...new Set(byName.get(name))]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('')
}

/** Members are read as JSON has them; what stands beside them is not signed. */
function areMembersAlike(envelope: NonNullable<Scheme['envelope']>, genuine: Buffer, other: Buffer): boolean {
  const [ours, theirs] = [jsonOf(genuine), jsonOf(other)]
  return Object.entries(envelope).every(([field, path]) => {
    const [made, shown] = [memberOf(ours, path), memberOf(theirs, path)]
    return made === shown || (/^[0-9a-f]{64}$/.test(made) && field === 'signature' && made === shown.toLowerCase())
  })
}

function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

function memberOf(value: unknown, path: readonly string[]): string {
  let at: unknown = value
  for (const name of path) {
    if (typeof at !== 'object' || at === null || (Array.isArray(at) && at.length > 1)) return ''
    at = Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined
  }
  return ['string', 'boolean', 'number'].includes(typeof at) ? String(at) : ''
}
