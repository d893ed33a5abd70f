import { createPublicKey } from 'node:crypto'
import { labCertificates } from './lab-certificates.js'

/** `fail`: every host answers 500; `hang`: none ever answers. */
export type KeyHostTrouble = 'fail' | 'hang'

/** The public halves of the keys with which the suite signs, as JSON Web Keys. */
const keys = {
  rsa: jwkOf(labCertificates.sns),
  ed25519: { kty: 'OKP', crv: 'Ed25519', x: 'ebVWLo_mVPlAeLES6KmLp5AfhTrmlb7X4OORC60ElmQ' },
  p256: {
    kty: 'EC',
    crv: 'P-256',
    x: 'b_A7lJJBzh2t1DUZ5pYOCoW0GmmgXDKBA6orzhWUyhY',
    y: 'PE91OlW_AdxT9sCwx-7ni0DG_30lqW4igrmJzvccFEo',
  },
}

/** What the hosts hand out, by the URL. */
const documents: Readonly<Record<string, string>> = {
  'https://api.paypal.com/v1/notifications/certs/CERT-lab': `${labCertificates.paypal}\n${labCertificates.intermediate}`,
  'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-lab.pem': labCertificates.sns,
  'https://rest.fal.ai/.well-known/jwks.json': keySet(keys.ed25519),
  'https://auth.lab.test/.well-known/jwks.json': keySet(keys.rsa),
  'https://www.googleapis.com/oauth2/v3/certs': keySet(keys.rsa),
}

/** A `fetch` that reaches the hosts of keys of the lab and nothing else. */
export function keyHost(trouble?: KeyHostTrouble): typeof fetch {
  return async (input, init) => {
    if (trouble === 'hang') return new Promise(() => {})
    if (trouble === 'fail') return new Response('', { status: 500 })
    if (input === 'https://production.plaid.com/webhook_verification_key/get') return plaidKey(String(init?.body))
    const document = documents[String(input)]
    return document === undefined ? new Response('', { status: 404 }) : new Response(document)
  }
}

function plaidKey(question: string): Response {
  const { client_id, secret, key_id } = JSON.parse(question)
  if (client_id !== 'lab-client' || secret !== 'lab-secret-plaid') {
    return Response.json({ error_type: 'INVALID_INPUT', error_code: 'INVALID_API_KEYS' }, { status: 400 })
  }
  if (key_id !== 'lab-key') {
    const error_code = 'INVALID_WEBHOOK_VERIFICATION_KEY_ID'
    return Response.json({ error_type: 'INVALID_INPUT', error_code }, { status: 400 })
  }
  const key = { ...keys.p256, alg: 'ES256', kid: key_id, use: 'sig', created_at: 1_560_466_143, expired_at: null }
  return Response.json({ key, request_id: 'RZ6Omi1bzzwDaLo' })
}

function keySet(key: object): string {
  return JSON.stringify({ keys: [{ ...key, kid: 'lab-key' }] })
}

function jwkOf(certificate: string): object {
  return createPublicKey(certificate).export({ format: 'jwk' })
}
