import type { Awaitable, GuardRequest } from '../guard.js'
import { readCredential } from './credential.js'
import { type Evaluation, evaluate } from './evaluation.js'
import type { SignatureFault } from './fault.js'
import type { SignatureSettings } from './signature-settings.js'

/** Begins to verify a request by its head: the evaluation that waits for the body, or what is wrong already. */
export async function beginRequest(
  request: GuardRequest,
  settings: SignatureSettings,
  nowMs: number,
  find: <Keys>(work: () => Awaitable<Keys>) => Promise<Keys>,
): Promise<Evaluation | SignatureFault> {
  const { scheme: bound, toleranceSeconds } = settings
  const { scheme, allowLegacy } = bound
  const credential = readCredential(request.headers, { scheme, allowLegacy, nowMs, toleranceSeconds })
  if (typeof credential === 'string') return credential

  const keys = await find(() => bound.keysFor(request))
  if (keys === undefined) return 'unknown-key'

  const { id, timestamp } = credential
  const texts = { id, timestamp: timestamp?.text, method: request.method, url: publicUrl(request, settings) }
  return evaluate({ scheme, credential, keys, texts, nowMs, toleranceSeconds })
}

/** Never derived from the request's own URL: behind a proxy that is a guess, and a guess can be steered by a header. */
function publicUrl(request: GuardRequest, settings: SignatureSettings): string {
  return typeof settings.publicUrl === 'function' ? settings.publicUrl(request) : (settings.publicUrl ?? '')
}
