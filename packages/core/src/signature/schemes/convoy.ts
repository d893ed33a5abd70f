import { OptionReader } from '../../option-reader.js'
import type { SecretOptions } from '../scheme-model/bound-scheme.js'
import { defineScheme, type SchemeFactory } from '../scheme-model/define-scheme.js'
import type { Scheme, SignatureVariant } from '../scheme-model/scheme.js'

/** How a Convoy project is configured to sign. */
export interface ConvoyOptions {
  /** The hash of the MAC. @defaultValue `'sha256'` */
  readonly hash?: 'sha256' | 'sha512'
  /** How the MAC is written. @defaultValue `'hex'` */
  readonly encoding?: 'hex' | 'base64'
}

/**
 * Convoy's simple signature: HMAC over the body in `x-convoy-signature`
 * (https://www.getconvoy.io/docs/product-manual/signatures).
 *
 * Hash and encoding are those that the project is configured with, and no others count. Nothing but the body is signed:
 * the replay window keys on the MAC.
 *
 * @example
 * ```ts
 * import { convoySimple, signature, type Store } from '@latchkey/core'
 *
 * const fromConvoySimple = (secret: string, store: Store) =>
 *   signature({ scheme: convoySimple({ secrets: [secret] }), store })
 * ```
 */
export const convoySimple: SchemeFactory<ConvoyOptions> = /* @__PURE__ */ configured((variant) => ({
  name: 'convoy-simple',
  carriers: [{ signature: 'x-convoy-signature', syntax: { form: 'bare' }, variants: [variant] }],
  content: ['body'],
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
}))

/**
 * Convoy's advanced signature: HMAC over `<t>,<body>` in `x-convoy-signature: t=…,v1=…`
 * (https://www.getconvoy.io/docs/product-manual/signatures).
 *
 * Several `v1` stand side by side while a secret is rolled. Hash and encoding are those that the project is configured
 * with. The replay window keys on the MAC, which covers the time.
 *
 * @example
 * ```ts
 * import { convoyAdvanced, signature, type Store } from '@latchkey/core'
 *
 * const fromConvoyAdvanced = (secret: string, store: Store) =>
 *   signature({ scheme: convoyAdvanced({ secrets: [secret] }), store })
 * ```
 */
export const convoyAdvanced: SchemeFactory<ConvoyOptions> = /* @__PURE__ */ configured((variant) => ({
  name: 'convoy-advanced',
  carriers: [
    {
      signature: 'x-convoy-signature',
      syntax: { form: 'pairs', separator: ',' },
      variants: [{ ...variant, label: 'v1' }],
      timestamp: { element: 't' },
    },
  ],
  content: ['timestamp', { literal: ',' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
}))

function configured(scheme: (variant: SignatureVariant) => Scheme): SchemeFactory<ConvoyOptions> {
  const factory = (options: SecretOptions & ConvoyOptions) => {
    const { hash = 'sha256', encoding = 'hex', ...secrets } = options
    const read = new OptionReader('convoy', { hash, encoding }, ['hash', 'encoding'])
    const algorithm = `hmac-${read.oneOf('hash', ['sha256', 'sha512'], 'sha256')}` as const
    return defineScheme(scheme({ algorithm, encoding: read.oneOf('encoding', ['hex', 'base64'], 'hex') }))(secrets)
  }
  return Object.assign(factory, { scheme: scheme({ algorithm: 'hmac-sha256', encoding: 'hex' }) })
}
