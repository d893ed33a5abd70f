import { hex, utf8 } from '../../bytes.js'
import { digest } from '../../crypto.js'
import type { Guard, Refusal, Reply } from '../../guard.js'
import { observedGuard, tell as tellObserver } from '../../observe.js'
import { type RefusalCode, refusal } from '../../problem.js'
import { type Exposure, examine } from './exposure.js'
import { type Finding, readFindings } from './finding.js'
import { GithubPublicKeys } from './github-public-keys.js'
import { keyRedactor } from './key-redactor.js'
import type { SecretScanningEvent } from './secret-scanning-event.js'
import { type GithubSecretScanningOptions, secretScanningSettings } from './secret-scanning-options.js'
import { invalid, signedMessage, type Unsigned } from './signed-message.js'

const details = {
  'signature-invalid': 'The request does not carry a valid signature.',
  'signature-unavailable': 'Send the message again in a moment.',
  'api-key-store-unavailable': 'Not every finding could be looked up. Send the message again in a moment.',
  'request-too-large': 'Send fewer findings in a message.',
  'request-timeout': 'Send the whole body without pausing.',
} as const satisfies Partial<Record<RefusalCode, string>>

/**
 * The endpoint for GitHub's secret scanning partner program, as a guard that answers every request itself: no handler runs
 * behind it. GitHub posts what its scanner took for keys; those that are keys are revoked and told to `observe`, and the
 * answer says of each finding whether it was one
 * (https://docs.github.com/en/code-security/secret-scanning/secret-scanning-partnership-program/secret-scanning-partner-program).
 *
 * A message counts only with GitHub's signature over its exact bytes, and a finding only if it proves the secret of a key:
 * whoever publishes an id cannot have its key revoked. The same message may come any number of times.
 *
 * @example
 * ```ts
 * import { type ApiKeys, githubSecretScanning } from '@latchkey/core'
 *
 * export const fromGithub = (keys: ApiKeys, tellOwner: (keyId: string, url: string) => void) =>
 *   githubSecretScanning({
 *     keys,
 *     observe: (event) => {
 *       if (event.type === 'api-key.exposed') tellOwner(event.keyId, event.url)
 *     },
 *   })
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function githubSecretScanning(options: GithubSecretScanningOptions): Guard<never> {
  const settings = secretScanningSettings(options)
  const redact = keyRedactor(settings.keys)
  const tell = (event: SecretScanningEvent) => tellObserver(settings.observe, event)
  const storeFailed = (error: unknown) => tell({ type: 'secret-scanning.store_failed', error })
  const publicKeys = new GithubPublicKeys(settings, (error) => {
    tell({ type: 'secret-scanning.public_keys_failed', error })
  })

  const refuse = ({ code, reason }: Unsigned): Refusal => {
    tell({ type: 'secret-scanning.refused', code, reason })
    const detail = details[code as keyof typeof details]
    return { kind: 'reply', reply: refusal(code, { detail, problemBaseUrl: settings.problemBaseUrl }) }
  }

  const tellExposed = ({ url, source }: Finding, exposure: Exposure | undefined): void => {
    if (exposure?.kind !== 'ours') return
    const { keyId, outcome } = exposure
    tell({ type: 'api-key.exposed', keyId, outcome, url: redact(url), source: redact(source) })
  }

  return observedGuard<never>(settings.observe, 'secret-scanning.answer', async (request) => {
    const message = await signedMessage(request, publicKeys, settings)
    if ('code' in message) return refuse(message)
    const findings = readFindings(message)
    if (findings === undefined) return refuse(invalid('unreadable'))
    const tokens = [...new Set(findings.map(({ token }) => token))]
    const exposures = await examine(tokens, settings, storeFailed)
    for (const finding of findings) tellExposed(finding, exposures.get(finding.token))
    const kinds = findings.map(({ token }) => exposures.get(token)).map(labelOf)
    if (kinds.includes(undefined)) return refuse({ code: 'api-key-store-unavailable', reason: 'store-unavailable' })
    const exposed = kinds.filter((label) => label === 'true_positive').length
    tell({ type: 'secret-scanning.answered', findings: findings.length, exposed })
    return { kind: 'reply', reply: feedback(findings, kinds) }
  })
}

/** `undefined`: GitHub has to send the finding again. */
function labelOf(exposure: Exposure | undefined): 'true_positive' | 'false_positive' | undefined {
  if (exposure?.kind === 'foreign') return 'false_positive'
  return exposure?.kind === 'ours' && exposure.outcome !== 'failed' ? 'true_positive' : undefined
}

/** What the program calls feedback on false positives. Tokens are told by their SHA-256: no reply holds a key. */
function feedback(findings: readonly Finding[], labels: readonly unknown[]): Reply {
  const entries = findings.map(({ token, type }, index) => ({
    token_hash: hex(digest('sha256', token)),
    token_type: type,
    label: labels[index],
  }))
  const body = utf8(JSON.stringify(entries))
  return {
    status: 200,
    headers: [
      ['cache-control', 'no-store'],
      ['content-length', String(body.length)],
      ['content-type', 'application/json'],
    ],
    body,
  }
}
