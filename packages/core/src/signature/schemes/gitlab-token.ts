import { defineScheme } from '../scheme-model/define-scheme.js'

/**
 * GitLab's secret token, shown in `x-gitlab-token`
 * (https://docs.gitlab.com/user/project/integrations/webhooks/). Where GitLab can sign (a signing token), use
 * `standardWebhooks` and not this: a receiver that takes either has the strength of the weaker.
 *
 * @remarks Insecure if it stands alone for what must not be done twice or changed: nothing is signed, so whoever sees one
 * request can send any other, and there is nothing to key a replay window on.
 *
 * @example
 * ```ts
 * import { gitlabToken, signature } from '@latchkey/core'
 *
 * const guard = (secret: string) => signature({ scheme: gitlabToken({ secrets: [secret] }) })
 * ```
 */
export const gitlabToken = /* @__PURE__ */ defineScheme({
  name: 'gitlab-token',
  carriers: [
    {
      signature: 'x-gitlab-token',
      syntax: { form: 'bare' },
      variants: [{ algorithm: 'shared-secret', encoding: 'text' }],
      id: { header: 'x-gitlab-event-uuid' },
    },
  ],
  content: [],
  secrets: [{ encoding: 'utf8', kind: 'text' }],
})
