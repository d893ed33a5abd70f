import { hex } from '../bytes.js'
import { digest } from '../crypto.js'
import type { SignatureCarrier } from './scheme.js'

/** Whether the body is the one whose digest stands in the signed URL; of schemes without such a digest any is. */
export function isBoundByUrl({ bodyDigestParameter }: SignatureCarrier, url: string, body: Uint8Array): boolean {
  if (bodyDigestParameter === undefined) return true
  const values = queryValues(url, bodyDigestParameter)
  return values.length === 1 && values[0]?.toLowerCase() === hex(digest('sha256', body))
}

/** As it is written, every time it is. */
function queryValues(url: string, name: string): readonly string[] {
  const [beforeFragment = ''] = url.split('#', 1)
  const at = beforeFragment.indexOf('?')
  const pairs = at < 0 ? [] : beforeFragment.slice(at + 1).split('&')
  return pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1))
}
