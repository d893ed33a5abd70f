/** The parts of a target URI, spelled as they were sent: what is routed by is what is signed. */
export interface TargetUri {
  readonly scheme: string
  readonly authority: string
  readonly path: string
  /** With its question mark; empty where there is none. */
  readonly query: string
}

const defaultPorts: Readonly<Record<string, string>> = { http: '80', https: '443' }

/**
 * Takes a URL apart; `undefined` where it is not absolute, or names a user. `URL` is not asked: it resolves `..` and writes
 * other characters anew, and the application would route by another path than the one that was signed.
 */
export function targetUri(url: string): TargetUri | undefined {
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/?#@\\\s]+)(\/[^?#]*)?(\?[^#]*)?(?:#.*)?$/i.exec(url)
  if (parts === null) return undefined
  const scheme = parts[1]!.toLowerCase()
  const [, host = '', port] = /^(.*?)(?::(\d*))?$/s.exec(parts[2]!.toLowerCase()) ?? []
  const isDefault = port === undefined || port === '' || port === defaultPorts[scheme]
  const authority = isDefault ? host : `${host}:${port}`
  return { scheme, authority, path: parts[3] ?? '/', query: parts[4] ?? '' }
}

/**
 * The query parameters, names and values percent-encoded (RFC 9421 section 2.2.8); `undefined` for one that comes twice, or is not
 * UTF-8: other bytes would have the same value.
 */
export function queryParameters(query: string): ReadonlyMap<string, string | undefined> {
  const parameters = new Map<string, string | undefined>()
  for (const [name, value] of new URLSearchParams(query)) {
    const key = encoded(name)
    const isSound = !parameters.has(key) && !name.includes('\ufffd') && !value.includes('\ufffd')
    parameters.set(key, isSound ? encoded(value) : undefined)
  }
  return parameters
}

/** By the percent-encode set of `application/x-www-form-urlencoded`, a space as `%20`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()~]/g, (one) => {
    return `%${one.charCodeAt(0).toString(16).toUpperCase()}`
  })
}
