/** One entry of GitHub's message: something that its scanner took for a key of ours. */
export interface Finding {
  readonly token: string
  /** What the pattern is called at GitHub. */
  readonly type: string
  readonly url: string
  readonly source: string
}

/**
 * The findings of a message; `undefined` where it is no list of them. An entry that cannot be read is passed over: it must not
 * keep the keys beside it from being revoked.
 */
export function readFindings(bytes: Uint8Array): readonly Finding[] | undefined {
  try {
    const entries: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (!Array.isArray(entries)) return undefined
    const findings = entries.flatMap((entry) => readFinding(entry) ?? [])
    return findings.length > 0 || entries.length === 0 ? findings : undefined
  } catch {
    return undefined
  }
}

function readFinding(entry: unknown): Finding | undefined {
  const { token, type, url, source } = (entry ?? {}) as Partial<Record<string, unknown>>
  if (typeof token !== 'string' || typeof type !== 'string') return undefined
  return {
    token,
    type,
    url: typeof url === 'string' ? url : '',
    source: typeof source === 'string' ? source : 'unknown',
  }
}
