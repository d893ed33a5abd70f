import { noBytes } from '../bytes.js'
import { within } from '../deadline.js'
import { BodyError, type GuardRequest, type Refusal } from '../guard.js'
import { readCredential } from './credential.js'
import { type Evaluation, evaluate } from './evaluation.js'
import type { SignatureFault } from './fault.js'
import type { SignatureNotice } from './signature-event.js'
import { bodyRefusals, refuse } from './signature-reply.js'
import type { SignatureSettings } from './signature-settings.js'
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

  const nowMs = settings.now()
  const credential = readCredential(request.headers, { scheme, allowLegacy, nowMs, toleranceSeconds })
  if (typeof credential === 'string') return refuseInvalid(credential)

  let keys: Awaited<ReturnType<typeof bound.keysFor>>
  try {
    keys = await within(secretsTimeoutSeconds, () => bound.keysFor(request))
  } catch (error) {
    tell({ type: 'signature.secrets_failed', error })
    return refuse('signature-unavailable', problemBaseUrl)
  }
  if (keys === undefined) return refuseInvalid('unknown-key')

  const { id, timestamp } = credential
  const texts = { id, timestamp: timestamp?.text, method: request.method, url: publicUrl(request, settings) }
  const evaluation = evaluate({ scheme, credential, keys, texts, nowMs, toleranceSeconds })
  if (typeof evaluation === 'string') return refuseInvalid(evaluation)

  let body = noBytes
  try {
    if (evaluation.readsBody) body = await readBody(request, settings, evaluation)
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    const code = bodyRefusals[error.fault]
    tell({ type: 'signature.refused', code, reason: error.fault })
    return refuse(code, problemBaseUrl)
  }
  const message = evaluation.finish(body)
  return typeof message === 'string' ? refuseInvalid(message) : message
}

function readBody(
  request: GuardRequest,
  { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes }: SignatureSettings,
  { feed }: Evaluation,
): Promise<Uint8Array> {
  return request.body({
    maxBytes: maxBodyBytes,
    timeoutSeconds: bodyTimeoutSeconds,
    maxBufferedBytes,
    onChunk: feed,
  })
}

/** Never derived from the request's own URL: behind a proxy that is a guess, and a guess can be steered by a header. */
function publicUrl(request: GuardRequest, settings: SignatureSettings): string {
  return typeof settings.publicUrl === 'function' ? settings.publicUrl(request) : (settings.publicUrl ?? '')
}
