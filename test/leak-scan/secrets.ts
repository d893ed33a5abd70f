import { randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { apiKeys, memoryStore } from '@latchkey/core'
import { type Canary, canary, keyCanary } from './canary.js'

/** What the visitors of one run know, and the service may not tell. */
export interface Secrets {
  /** With characters that every coding writes in its own way. */
  readonly idempotencyKey: string
  readonly recordSecret: string
  readonly hookSecret: string
  readonly headerSecret: string
  readonly cookie: string
  readonly query: string
  readonly tenant: string
  /** Of a request whose reply is kept, and echoes it. */
  readonly body: string
  /** Of requests whose replies are not kept, or say nothing of it. */
  readonly unkeptBody: string
  readonly signature: string
  readonly urlPassword: string
  /** Of nobody, in the right shape. */
  readonly unknownKey: string
}

export async function freshSecrets(): Promise<Secrets> {
  const fresh = (name: string) => `${name}/+=% ${randomBytes(18).toString('base64')} <&\\>`
  const bare = (name: string) => `${name}/+=%${randomBytes(18).toString('base64')}`
  const nobody = await apiKeys({ store: memoryStore(), prefix: 'acme' }).issue({ ownerId: 'nobody' })
  return {
    idempotencyKey: bare('idempotency'),
    recordSecret: fresh('record'),
    hookSecret: fresh('hook'),
    headerSecret: bare('header'),
    cookie: bare('cookie'),
    query: randomBytes(18).toString('hex'),
    tenant: fresh('tenant'),
    body: fresh('body'),
    unkeptBody: fresh('unkept'),
    signature: randomBytes(48).toString('base64'),
    urlPassword: randomBytes(18).toString('hex'),
    unknownKey: nobody.key,
  }
}

/** Every one of them that is a text, as a canary. */
export function canariesOf({ unknownKey, ...texts }: Secrets): Canary[] {
  return [...Object.entries(texts).map(([name, text]) => canary(name, text)), keyCanary('an unknown key', unknownKey)]
}

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** A key with the id of another and a secret of its own: its checksum is right. */
export function withOtherSecret(key: string): string {
  const body = `${key.slice(0, key.lastIndexOf('_') + 1)}${randomBytes(43).reduce((text, byte) => text + digits[byte % 62], '')}`
  let rest = crc32(body)
  let checksum = ''
  for (let place = 0; place < 6; place += 1) {
    checksum = digits[rest % 62] + checksum
    rest = Math.floor(rest / 62)
  }
  return body + checksum
}
