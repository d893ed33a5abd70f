import { createHash, createHmac } from 'node:crypto'
import { verificationKey } from './key.js'
import type { HttpSignaturePolicy } from './policy.js'
import { type VerifyMessageOptions, verifyRequest } from './verify.js'

export const secret = 'a secret of the tests'
export const created = 1_700_000_000
export const body = '{"a":1}'
export const digest = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`
export const key = verificationKey({ algorithm: 'hmac-sha256', key: secret })
export const policy: HttpSignaturePolicy = {
  required: ['@method', 'content-digest'],
  maxAgeSeconds: 60,
  algorithms: ['hmac-sha256'],
}

/** The lines that a request of the tests can sign. */
const lines: Readonly<Record<string, string>> = {
  '"@method"': 'POST',
  '"@path"': '/hooks',
  '"content-digest"': digest,
  '"x-a"': '1',
}

export interface Signed {
  /** Identifiers as they are written. */
  readonly components?: readonly string[]
  /** As they are written; `created` alone where nothing is said. */
  readonly parameters?: string
  readonly label?: string
  readonly secret?: string
}

/** `Signature-Input` and `Signature`, written by hand. */
export function signedBy({
  components = ['"@method"', '"content-digest"'],
  parameters = `;created=${created}`,
  label = 'sig1',
  secret: signingSecret = secret,
}: Signed = {}): { readonly 'signature-input': string; readonly signature: string } {
  const params = `(${components.join(' ')})${parameters}`
  const base = [...components.map((name) => `${name}: ${lines[name] ?? ''}`), `"@signature-params": ${params}`]
  const mac = createHmac('sha256', signingSecret).update(base.join('\n')).digest('base64')
  return { 'signature-input': `${label}=${params}`, signature: `${label}=:${mac}:` }
}

/** Two sets of the fields as one. */
export function joined(...all: readonly ReturnType<typeof signedBy>[]): ReturnType<typeof signedBy> {
  return {
    'signature-input': all.map((one) => one['signature-input']).join(', '),
    signature: all.map((one) => one.signature).join(', '),
  }
}

/** A request with the fields, as plain data. */
export function requestWith(fields: Readonly<Record<string, string | readonly string[]>>, sent = body) {
  const headers = { 'content-digest': digest, 'x-a': '1', ...fields }
  return { method: 'POST', url: 'https://api.test/hooks', headers, body: sent }
}

/** `valid`, or the reason. */
export async function reasonOf(
  request: ReturnType<typeof requestWith>,
  changed: Partial<HttpSignaturePolicy> = {},
  options: Partial<VerifyMessageOptions> = {},
): Promise<string> {
  const found = await verifyRequest(request, {
    keys: key,
    nowMs: created * 1000,
    ...options,
    policy: { ...policy, ...changed },
  })
  return found.isValid ? 'valid' : found.reason
}
