import type { IncomingMessage } from 'node:http'

/**
 * The URL as the client addressed it. A target in absolute form stands for itself (RFC 9112 section 3.2.2), but for its scheme:
 * a client writes what it likes there, and a request for `https` that came in the clear must not pass for one that did not (RFC
 * 9110 section 7.4). A host that no URL can have is replaced by `invalid.` (RFC 6761 section 6.4): a stranger's `Host` must not
 * make a guard throw.
 *
 * @param protocol without a colon, as the framework resolves it.
 * @param target the request target before any router has shortened it.
 */
export function absoluteUrl(protocol: string, host: string, target: string): string {
  if (!target.startsWith('/') && URL.canParse(target)) return target.replace(/^https?:/i, `${protocol}:`)
  const path = target.startsWith('/') ? target : `/${target}`
  const base = `${protocol}://${host}`
  return isAuthority(host) && URL.canParse(`${base}/`) ? base + path : `${protocol}://invalid.${path}`
}

/** Whether nothing in it would be taken for another part of the URL. */
function isAuthority(host: string): boolean {
  return host !== '' && !/[\s/?#@\\]/.test(host)
}

/** The authority that the request names: the forwarded one where the proxy that says so is trusted. */
export function hostOf(req: IncomingMessage, isProxyTrusted: boolean): string {
  const forwarded = isProxyTrusted ? req.headers['x-forwarded-host'] : undefined
  if (forwarded === undefined) return req.headers.host ?? ''
  return `${forwarded}`.split(',', 1)[0]!.trim()
}
