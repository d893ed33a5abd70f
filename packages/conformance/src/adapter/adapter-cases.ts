import { call, inject } from './call.js'
import { apiKeyCases } from './cases/api-key.js'
import { apiKeyAbuseCases } from './cases/api-key-abuse.js'
import { credentialCases } from './cases/api-key-credential.js'
import { bodyCases } from './cases/body.js'
import { concurrencyCases } from './cases/concurrency.js'
import { fingerprintCases } from './cases/fingerprint.js'
import { httpSignatureCases } from './cases/http-signature.js'
import { idempotencyKeyCases } from './cases/idempotency-key.js'
import { oddRequestCases } from './cases/odd-request.js'
import { remoteRefusalCases } from './cases/remote-refusals.js'
import { remoteSignatureCases } from './cases/remote-signature.js'
import { replayCases } from './cases/replay.js'
import { signatureCases } from './cases/signature.js'
import { signaturePresetCases } from './cases/signature-preset.js'
import { signatureSchemeCases } from './cases/signature-scheme.js'
import { unstorableReplyCases } from './cases/unstorable-reply.js'
import type { AdapterCase, Lab } from './lab.js'

/** Everything that holds on every framework. */
export const adapterCases: readonly AdapterCase[] = [
  ...apiKeyCases,
  ...credentialCases,
  ...apiKeyAbuseCases,
  ...idempotencyKeyCases,
  ...fingerprintCases,
  ...replayCases,
  ...unstorableReplyCases,
  ...concurrencyCases,
  ...bodyCases,
  ...oddRequestCases,
  ...signatureSchemeCases,
  ...signatureCases,
  ...signaturePresetCases,
  ...httpSignatureCases,
  ...remoteSignatureCases,
  ...remoteRefusalCases,
]

/** Runs one case against a lab that has been started with the case's settings. */
export async function runAdapterCase(each: AdapterCase, lab: Lab): Promise<void> {
  await inject(lab, { claim: 'ok', settle: 'ok', keys: 'ok' })
  await call(lab, 'POST /lab/reset')
  await each.run(lab)
}
