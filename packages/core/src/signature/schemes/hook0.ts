import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * Hook0: HMAC-SHA-256 in `x-hook0-signature: t=…,h=…,v1=…` over time, the header fields that `h` names, and body; or in
 * `v0` over `<t>.<body>` (https://documentation.hook0.com/tutorials/webhook-authentication).
 *
 * Where there is a `v1`, it alone counts: a right `v0` never rescues it, and a field that it names and the request
 * lacks is a refusal. `x-event-id` is signed only where `h` names it: the replay window keys on the MAC over time and
 * body.
 *
 * @example
 * ```ts
 * import { hook0, signature, type Store } from '@latchkey/core'
 *
 * const fromHook0 = (secret: string, store: Store) => signature({ scheme: hook0({ secrets: [secret] }), store })
 * ```
 */
export const hook0 = /* @__PURE__ */ defineScheme({
  name: 'hook0',
  carriers: [
    {
      signature: 'x-hook0-signature',
      syntax: { form: 'pairs', separator: ',' },
      variants: [
        {
          label: 'v1',
          algorithm: 'hmac-sha256',
          encoding: 'hex',
          content: [
            'timestamp',
            { literal: '.' },
            { element: 'h' },
            { literal: '.' },
            { fieldsNamedIn: 'h', separator: '.' },
            { literal: '.' },
            'body',
          ],
        },
        { label: 'v0', algorithm: 'hmac-sha256', encoding: 'hex' },
      ],
      strongestOnly: true,
      timestamp: { element: 't' },
      id: { header: 'x-event-id' },
    },
  ],
  content: ['timestamp', { literal: '.' }, 'body'],
  timestamp: { unit: 's', toleranceSeconds: 300 },
  secrets: [{ encoding: 'utf8', kind: 'hmac' }],
})
