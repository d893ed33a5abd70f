import type { Observe } from '../observe.js'
import { isFunction, OptionReader } from '../option-reader.js'
import { type MessageGuardSettings, messageGuardOptions, messageGuardSettings } from './guard-settings.js'
import type { BoundScheme } from './scheme-model/bound-scheme.js'
import { contents, signsUrl } from './scheme-model/scheme.js'
import type { SignatureEvent } from './signature-event.js'
import type { SignatureOptions } from './signature-options.js'

/** {@link SignatureOptions}, checked and complete. */
export interface SignatureSettings extends MessageGuardSettings {
  readonly scheme: BoundScheme
  readonly toleranceSeconds: number | undefined
  readonly publicUrl: SignatureOptions['publicUrl'] | undefined
  readonly observe: Observe<SignatureEvent> | undefined
}

/** @throws ConfigurationError naming the first option that does not fit. */
export function signatureSettings(options: SignatureOptions): SignatureSettings {
  const read = new OptionReader('signature', options, Object.keys(known) as (keyof SignatureOptions)[])
  const scheme = read.required('scheme', 'a preset with its secrets, as github({ secrets: [secret] })', isBoundScheme)
  const publicUrl = read.optional(
    'publicUrl',
    'an absolute URL, a list of them, or a function that answers one',
    isPublicUrl,
  )
  if (publicUrl === undefined && isUrlSigned(scheme)) {
    throw read.fault('publicUrl', `the URL that the sender was given: ${scheme.scheme.name} signs it`, publicUrl)
  }
  return {
    ...messageGuardSettings('signature', read, scheme.scheme.content.length === 0),
    scheme,
    toleranceSeconds: read.optional('toleranceSeconds', 'a number of at least 0', isTolerance),
    publicUrl,
    observe: read.optional('observe', 'a function', isFunction<Observe<SignatureEvent>>),
  }
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  ...messageGuardOptions,
  scheme: true,
  toleranceSeconds: true,
  publicUrl: true,
  observe: true,
} as const satisfies Record<keyof SignatureOptions, true>

function isBoundScheme(value: unknown): value is BoundScheme {
  return typeof value === 'object' && value !== null && 'keysFor' in value && isFunction(value.keysFor)
}

function isPublicUrl(value: unknown): value is NonNullable<SignatureOptions['publicUrl']> {
  if (Array.isArray(value)) return value.length > 0 && value.every(isUrl)
  return isFunction(value) || isUrl(value)
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value)
}

function isTolerance(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function isUrlSigned({ scheme }: BoundScheme): boolean {
  return scheme.carriers.some((carrier) => contents(scheme, carrier).some(signsUrl))
}
