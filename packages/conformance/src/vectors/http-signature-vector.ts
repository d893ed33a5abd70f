import {
  type HttpSignatureAlgorithm,
  verificationKey,
  verifyContentDigest,
  verifyRequest,
  verifyResponse,
} from '@latchkey/http-signatures'
import { type SignatureVector, vectorBody } from './signature-vector.js'

/** A published HTTP message with a signature (RFC 9421) or a digest (RFC 9530). */
export interface HttpSignatureVector extends SignatureVector {
  readonly scheme: 'rfc9421' | 'content-digest'
  /** Of a signature: what the key is called, and for which algorithm it is; `secret` is PEM, or base64 for `hmac-sha256`. */
  readonly key?: { readonly keyid: string; readonly alg: HttpSignatureAlgorithm }
  /** Of a response. */
  readonly status?: number
}

/** Whether a vector is one of {@link HttpSignatureVector}. */
export function isHttpSignatureVector(vector: SignatureVector): vector is HttpSignatureVector {
  return vector.scheme === 'content-digest' || vector.scheme === 'rfc9421'
}

/** Whether `@latchkey/http-signatures` takes the vector's message, or one like it with another body. */
export async function verifyHttpVector(
  vector: HttpSignatureVector,
  body: Uint8Array = vectorBody(vector),
): Promise<'valid' | 'invalid'> {
  if (vector.scheme === 'rfc9421') return (await isSigned(vector, body)) ? 'valid' : 'invalid'
  const [, field] = Object.entries(vector.headers).find(([name]) => name.toLowerCase() === 'content-digest') ?? []
  const joined = field === undefined ? undefined : [field].flat().join(', ')
  return verifyContentDigest(joined, body) ? 'valid' : 'invalid'
}

async function isSigned(vector: HttpSignatureVector, body: Uint8Array): Promise<boolean> {
  const { key, headers, status, method = 'POST', url = '', now, secret } = vector
  const { label, requiredComponents = [], toleranceSeconds = 0 } = vector.options ?? {}
  if (key === undefined) throw new TypeError(`The vector ${vector.id} names no key`)
  const algorithm = key.alg
  const material = algorithm === 'hmac-sha256' ? Buffer.from(String(secret), 'base64') : String(secret)
  const options = {
    keys: verificationKey({ algorithm, key: material, keyid: key.keyid }),
    policy: {
      required: requiredComponents as readonly string[],
      maxAgeSeconds: Number(toleranceSeconds),
      algorithms: [algorithm],
      ...(typeof label === 'string' && { labels: [label] }),
    },
    nowMs: now * 1000,
  }
  const { isValid } =
    status === undefined
      ? await verifyRequest({ method, url, headers, body }, options)
      : await verifyResponse({ status, headers, body }, options)
  return isValid
}
