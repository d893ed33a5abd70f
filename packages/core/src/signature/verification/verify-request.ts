import { noBytes } from '../../bytes.js'
import type { Awaitable, GuardRequest } from '../../guard.js'
import type { SignatureSettings } from '../signature-settings.js'
import { readCredential } from './credential.js'
import { credentialFields } from './envelope.js'
import { type Evaluation, evaluate } from './evaluation.js'
import type { SignatureFault } from './fault.js'
import { partsByUrl } from './signed-content.js'

/**
 * Begins to verify a request by its head: the evaluation that waits for the body, or what is wrong already.
 *
 * @throws BodyError by rejection where the scheme has an envelope, and the body cannot be had.
 */
export async function beginRequest(
  request: GuardRequest,
  settings: SignatureSettings,
  nowMs: number,
  find: <Keys>(work: () => Awaitable<Keys>) => Promise<Keys>,
): Promise<Evaluation | SignatureFault> {
  const { scheme: bound, toleranceSeconds, maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes } = settings
  const { scheme, allowLegacy } = bound
  const hasEnvelope = scheme.envelope !== undefined
  // An envelope is the one case in which a stranger's body is read before anything of it can be judged.
  const limits = { maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes }
  const body = hasEnvelope ? await request.body(limits) : noBytes
  const fields = credentialFields(scheme, request.headers, body)
  const credential = readCredential(fields, { scheme, allowLegacy, nowMs, toleranceSeconds })
  if (typeof credential === 'string') return credential

  const keys = await find(() => bound.keysFor(request))
  if (keys === undefined) return 'unknown-key'

  const parts = partsByUrl({ method: request.method, fields }, credential, publicUrls(request, settings))
  const evaluation = evaluate({ scheme, credential, keys, parts, nowMs, toleranceSeconds })
  return typeof evaluation === 'string' || !hasEnvelope ? evaluation : { ...evaluation, readsBody: true }
}

/** Never derived from the request's own URL: behind a proxy that is a guess, and a guess can be steered by a header. */
function publicUrls(request: GuardRequest, { publicUrl = '' }: SignatureSettings): string | readonly string[] {
  return typeof publicUrl === 'function' ? publicUrl(request) : publicUrl
}
