import { type Accumulator, equalBytes, hasher } from '../../crypto.js'
import { decodeSignature } from '../scheme-model/encoding.js'
import { contents, type Scheme, type SignatureCarrier } from '../scheme-model/scheme.js'

/** What makes the digest of the body, where a scheme has it in its signed URL or signs it; of other schemes there is none. */
export function bodyDigest(scheme: Scheme, carrier: SignatureCarrier): Accumulator | undefined {
  const isSigned = contents(scheme, carrier).some((content) => content.includes('body-sha256'))
  return isSigned || carrier.bodyDigestParameter !== undefined ? hasher('sha256') : undefined
}

/** Whether the body is the one whose digest stands in the signed URL, in hexadecimal; of schemes without one any is. */
export function isBoundByUrl(
  { bodyDigestParameter }: SignatureCarrier,
  url: string,
  digest: Uint8Array | undefined,
): boolean {
  if (bodyDigestParameter === undefined) return true
  const values = queryValues(url, bodyDigestParameter)
  const written = decodeSignature(values[0] ?? '', 'hex', 32)
  return values.length === 1 && written !== undefined && digest !== undefined && equalBytes(written, digest)
}

/** As it is written, every time it is. */
function queryValues(url: string, name: string): readonly string[] {
  const [beforeFragment = ''] = url.split('#', 1)
  const at = beforeFragment.indexOf('?')
  const pairs = at < 0 ? [] : beforeFragment.slice(at + 1).split('&')
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1))
}
