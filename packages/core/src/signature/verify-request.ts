import { noBytes } from '../bytes.js'
import { within } from '../deadline.js'
import { BodyError, type GuardRequest, type Refusal } from '../guard.js'
import { readCredential } from './credential.js'
import { credentialFields } from './envelope.js'
import { type Evaluation, evaluate } from './evaluation.js'
import type { SignatureFault } from './fault.js'
import type { SignatureNotice } from './signature-event.js'
import { bodyRefusals, refuse } from './signature-reply.js'
import type { SignatureSettings } from './signature-settings.js'
import { partsByUrl } from './signed-content.js'
import type { VerifiedMessage } from './verified-message.js'

/** The verified message of a request, or the refusal. Whatever the head can tell is refused before the body is read. */
export async function verifyRequest(
  request: GuardRequest,
  settings: SignatureSettings,
  tell: (notice: SignatureNotice) => void,
): Promise<VerifiedMessage | Refusal> {
  const { scheme: bound, toleranceSeconds, secretsTimeoutSeconds, problemBaseUrl } = settings
  const { scheme, allowLegacy } = bound
  const refuseInvalid = (reason: SignatureFault) => {
    tell({ type: 'signature.refused', code: 'signature-invalid', reason })
    return refuse('signature-invalid', problemBaseUrl)
  }

  // An envelope is the one case in which a stranger's body is read before anything of it can be judged.
  let body = scheme.envelope === undefined ? noBytes : await readBody(request, settings, tell)
  if ('kind' in body) return body
  const fields = credentialFields(scheme, request.headers, body)
  const nowMs = settings.now()
  const credential = readCredential(fields, { scheme, allowLegacy, nowMs, toleranceSeconds })
  if (typeof credential === 'string') return refuseInvalid(credential)

  let keys: Awaited<ReturnType<typeof bound.keysFor>>
  try {
    keys = await within(secretsTimeoutSeconds, () => bound.keysFor(request))
  } catch (error) {
    tell({ type: 'signature.secrets_failed', error })
    return refuse('signature-unavailable', problemBaseUrl)
  }
  if (keys === undefined) return refuseInvalid('unknown-key')

  const parts = partsByUrl({ method: request.method, fields }, credential, publicUrls(request, settings))
  const evaluation = evaluate({ scheme, credential, keys, parts, nowMs, toleranceSeconds })
  if (typeof evaluation === 'string') return refuseInvalid(evaluation)
  if (scheme.envelope === undefined && evaluation.readsBody) {
    body = await readBody(request, settings, tell, evaluation.feed)
    if ('kind' in body) return body
  }
  const message = evaluation.finish(body)
  return typeof message === 'string' ? refuseInvalid(message) : message
}

async function readBody(
  request: GuardRequest,
  { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes, problemBaseUrl }: SignatureSettings,
  tell: (notice: SignatureNotice) => void,
  onChunk?: Evaluation['feed'],
): Promise<Uint8Array | Refusal> {
  const limits = { maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes }
  try {
    return await request.body({ ...limits, ...(onChunk !== undefined && { onChunk }) })
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    const code = bodyRefusals[error.fault]
    tell({ type: 'signature.refused', code, reason: error.fault })
    return refuse(code, problemBaseUrl)
  }
}

/** Never derived from the request's own URL: behind a proxy that is a guess, and a guess can be steered by a header. */
function publicUrls(request: GuardRequest, { publicUrl = '' }: SignatureSettings): string | readonly string[] {
  return typeof publicUrl === 'function' ? publicUrl(request) : publicUrl
}
