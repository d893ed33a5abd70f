import { boundedFetch, type FetchBounds } from './bounded-fetch.js'
import { type Certificate, certificateOf, isIssuedBy, platformRoots } from './crypto.js'

/** Up to whom certificates must lead, and what helps on the way. */
export interface ChainRules {
  /** `undefined`: those of the platform. */
  readonly roots: readonly Certificate[] | undefined
  readonly intermediates: readonly Certificate[]
  /** Where certificate authorities keep the certificates that a provider may have left out; asked over `https` alone. */
  readonly issuerHosts: readonly string[]
  readonly bounds: FetchBounds
}

/** Epoch milliseconds, borders included. */
export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

/** Most certificates between the first and the root. */
const mostIntermediates = 4

/**
 * When a certificate counts, together with those that issued it up to a root that is trusted; `undefined` where it leads to none.
 * Names, signatures, and whether an issuer may issue are checked; path lengths, name constraints and revocation are not.
 *
 * @param others what came along with it.
 * @throws KeyHostError by rejection where an issuer's certificate has to be fetched, and cannot be.
 */
export async function chainValidity(
  leaf: Certificate,
  others: readonly Certificate[],
  rules: ChainRules,
): Promise<Validity | undefined> {
  const roots = rules.roots ?? platformRoots().map(certificateOf)
  const path = [leaf]
  for (;;) {
    const last = path.at(-1)!
    const root = roots.find((each) => isIssuedBy(last, each))
    if (root !== undefined) return [...path, root].map(validityOf).reduce(both)
    if (path.length > mostIntermediates) return undefined
    const known = [...others, ...rules.intermediates].find(
      (each) => !path.includes(each) && each.ca && isIssuedBy(last, each),
    )
    const issuer = known ?? (await fetchedIssuer(last, rules))
    if (issuer === undefined) return undefined
    path.push(issuer)
  }
}

export function validityOf({ validFrom, validTo }: Certificate): Validity {
  return { fromMs: Date.parse(validFrom), untilMs: Date.parse(validTo) }
}

function both(one: Validity, other: Validity): Validity {
  return { fromMs: Math.max(one.fromMs, other.fromMs), untilMs: Math.min(one.untilMs, other.untilMs) }
}

/** The certificate of an issuer from where its authority keeps it (RFC 5280 section 4.2.2.1), if that is a host we know. */
async function fetchedIssuer(
  certificate: Certificate,
  { issuerHosts, bounds }: ChainRules,
): Promise<Certificate | undefined> {
  const places = [
    ...(certificate.infoAccess ?? '').matchAll(
      /^CA Issuers - URI:https?:\/\/([a-z0-9.-]+)(\/[A-Za-z0-9._-]{1,100})$/gm,
    ),
  ]
  const place = places.find(([, host = '']) => issuerHosts.includes(host))
  if (place === undefined) return undefined
  const { status, bytes } = await boundedFetch({ url: `https://${place[1]}${place[2]}` }, bounds)
  if (status !== 200) return undefined
  const issuer = certificateOf(bytes)
  return issuer.ca && isIssuedBy(certificate, issuer) ? issuer : undefined
}
