import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, sign as nodeSign } from 'node:crypto'

/** A pair on P-256, as PEM and as a JSON Web Key. */
export const p256 = pair('ec', { namedCurve: 'P-256' })
export const ed25519 = pair('ed25519', {})

function pair(type: 'ec' | 'ed25519', options: object) {
  const { privateKey, publicKey } = generateKeyPairSync(type as 'ec', options as { namedCurve: string })
  return {
    privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    publicKey: String(publicKey.export({ format: 'pem', type: 'spki' })),
    jwk: publicKey.export({ format: 'jwk' }),
  }
}

/** The public half of a private key in PEM. */
export function publicHalf(privateKey: string) {
  const key = createPublicKey(createPrivateKey(privateKey))
  return { publicKey: String(key.export({ format: 'pem', type: 'spki' })), jwk: key.export({ format: 'jwk' }) }
}

/** A token by RFC 7515, with nothing of a library in it. */
export function tokenOf(header: object, claims: object | string, key?: string): string {
  const part = (value: object | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
  const content = `${part(header)}.${part(claims)}`
  return `${content}.${signatureOf(String((header as { alg?: unknown }).alg), content, key)}`
}

function signatureOf(algorithm: string, content: string, key = ''): string {
  const bytes = Buffer.from(content)
  if (algorithm.startsWith('HS'))
    return createHmac(`sha${algorithm.slice(2)}`, key)
      .update(bytes)
      .digest('base64url')
  if (algorithm === 'none' || key === '') return 'AA'
  const hash = algorithm === 'EdDSA' ? null : 'sha256'
  return nodeSign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}
