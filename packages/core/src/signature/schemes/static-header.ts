import { ConfigurationError } from '../../errors.js'
import type { BoundScheme, SecretOptions } from '../scheme-model/bound-scheme.js'
import { defineScheme } from '../scheme-model/define-scheme.js'
import type { Scheme } from '../scheme-model/scheme.js'

const defaultHeader = 'x-webhook-secret'

/** How a static secret is expected. */
export interface StaticHeaderOptions extends Omit<SecretOptions, 'allowLegacy'> {
  /**
   * The field that holds the secret, in any case.
   *
   * @defaultValue `'x-webhook-secret'`
   */
  readonly header?: string
}

/**
 * A secret that the sender shows in a header field. Digests of both sides are compared in constant time. The body is not read:
 * nothing about it is proven. `telegram`, `gitlabToken` and `googleChannel` know their fields.
 *
 * @remarks Insecure if the sender could sign instead: whoever sees one request can send any other. There is nothing to key a
 * replay window on, so there is none.
 *
 * @example
 * ```ts
 * import { signature, staticHeader } from '@latchkey/core'
 *
 * const fromPartner = (secret: string) => signature({ scheme: staticHeader({ header: 'x-partner-token', secrets: [secret] }) })
 * ```
 *
 * @throws ConfigurationError where an option or a secret is impossible.
 */
export const staticHeader = /* @__PURE__ */ Object.assign(
  (options: StaticHeaderOptions): BoundScheme => {
    const { header = defaultHeader, ...secretOptions } = options
    if (typeof header !== 'string' || header === '') {
      throw new ConfigurationError('invalid-option', `static-token: header must be a field name, not ${typeof header}`)
    }
    return defineScheme(staticScheme(header))(secretOptions)
  },
  { scheme: staticScheme(defaultHeader) },
)

function staticScheme(header: string): Scheme {
  return {
    name: 'static-token',
    carriers: [
      {
        signature: header.toLowerCase(),
        syntax: { form: 'bare' },
        variants: [{ algorithm: 'shared-secret', encoding: 'text' }],
      },
    ],
    content: [],
    secrets: [{ encoding: 'utf8', kind: 'text' }],
  }
}
