import { p256Verify } from '../../crypto.js'
import { BodyError, type BodyFault, type GuardRequest, type RequestHeaders } from '../../guard.js'
import type { RefusalCode } from '../../problem.js'
import type { GithubPublicKeys } from './github-public-keys.js'
import type { SecretScanningEvent, SecretScanningFault } from './secret-scanning-event.js'
import type { SecretScanningSettings } from './secret-scanning-options.js'

type Reason = Extract<SecretScanningEvent, { type: 'secret-scanning.refused' }>['reason']

/** Why there is no message, and with which code that is refused. */
export interface Unsigned {
  readonly code: RefusalCode
  readonly reason: Reason
}

/** Which of GitHub's keys signed, and the signature. */
interface Credential {
  readonly identifier: string
  readonly signature: Uint8Array
}

const bodyCodes = {
  'too-large': 'request-too-large',
  timeout: 'request-timeout',
  aborted: 'request-timeout',
  busy: 'signature-unavailable',
} as const satisfies Record<BodyFault, RefusalCode>

/**
 * The bytes that GitHub signed (ECDSA on P-256 over the SHA-256 of the raw body). The fields and the public key are looked at
 * before the body is read, so that strangers buffer nothing.
 */
export async function signedMessage(
  request: GuardRequest,
  publicKeys: GithubPublicKeys,
  { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes }: SecretScanningSettings,
): Promise<Uint8Array | Unsigned> {
  const credential = readCredential(request.headers)
  if (typeof credential === 'string') return invalid(credential)
  const { identifier, signature } = credential
  let key: Awaited<ReturnType<typeof publicKeys.find>>
  try {
    key = await publicKeys.find(identifier)
  } catch {
    return { code: 'signature-unavailable', reason: 'public-keys-unavailable' }
  }
  if (key === undefined) return invalid('unknown-key')
  try {
    const bounds = { maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes }
    const body = await request.body(bounds)
    return p256Verify(key, body, signature) ? body : invalid('mismatch')
  } catch (error) {
    if (error instanceof BodyError) return { code: bodyCodes[error.fault], reason: error.fault }
    throw error
  }
}

/** A refusal that tells a client nothing but that the signature is not valid. */
export function invalid(reason: SecretScanningFault): Unsigned {
  return { code: 'signature-invalid', reason }
}

function readCredential(headers: RequestHeaders): Credential | SecretScanningFault {
  const fields = ['github-public-key-identifier', 'github-public-key-signature'] as const
  if (fields.some((field) => headers.count(field) > 1)) return 'duplicate'
  const [identifier, text] = fields.map((field) => headers.get(field) ?? '') as [string, string]
  if (identifier === '' || text === '') return 'missing'
  // In DER a signature on P-256 has at most 72 bytes, 96 characters of base64.
  const isWellFormed = /^[0-9A-Za-z]{1,128}$/.test(identifier) && text.length <= 96
  const signature = Buffer.from(isWellFormed ? text : '', 'base64')
  // Buffer takes stray characters and bits for nothing: only what it would write itself is a spelling of the signature.
  return isWellFormed && signature.toString('base64') === text ? { identifier, signature } : 'malformed'
}
