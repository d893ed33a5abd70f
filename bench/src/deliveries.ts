import { createHmac, generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto'
import { type HasScheme, type Scheme, sign } from '@latchkey/core'

/** A signed message as it comes over the wire, the same for whoever verifies it. */
export interface Delivery {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** JSON of exactly so many bytes. */
export function jsonOf(bytes: number): Buffer {
  const frame = JSON.stringify({ type: 'payment.settled', data: '' }).length
  return Buffer.from(JSON.stringify({ type: 'payment.settled', data: 'x'.repeat(bytes - frame) }))
}

/** Signed now, by the rules of a scheme. */
export function deliveryOf(scheme: Scheme | HasScheme, secret: string, body: Buffer): Delivery {
  return { headers: sign(scheme, { id: 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', body }, secret), body }
}

/** What everyone would write first: one HMAC object, and a comparison in constant time. */
export function plainHmac(secret: string | Buffer, head: string, body: Buffer): Buffer {
  const mac = createHmac('sha256', secret)
  if (head !== '') mac.update(head)
  return mac.update(body).digest()
}

/** A pair of keys as PEM. */
export interface KeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

export function keyPairs(): Readonly<Record<'ed25519' | 'p256' | 'rsa', KeyPair>> {
  const pem = ({ publicKey, privateKey }: KeyPairKeyObjectResult): KeyPair => ({
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  })
  return {
    ed25519: pem(generateKeyPairSync('ed25519')),
    p256: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    rsa: pem(generateKeyPairSync('rsa', { modulusLength: 2048 })),
  }
}
