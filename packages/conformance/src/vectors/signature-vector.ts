import {
  type BoundScheme,
  type GuardRequest,
  grantLedger,
  type MessageHeaders,
  type Reply,
  signature,
  signaturePresets,
  verify,
} from '@latchkey/core'

/** A published message with what a verifier has to say about it. */
export interface SignatureVector {
  readonly id: string
  /** The name of a preset, as {@link signaturePresets} has it. */
  readonly scheme: string
  readonly secret: string | readonly string[]
  /** A list stands for a field that comes on several lines. */
  readonly headers: MessageHeaders
  readonly body: string
  readonly bodyEncoding: 'utf8' | 'base64'
  readonly method?: string
  readonly url?: string
  /** Epoch seconds. */
  readonly now: number
  /**
   * `toleranceSeconds` of the verification; `urlCandidates`: further spellings of the URL that may be signed; every other is an
   * option of the preset (`header`, `hash`).
   */
  readonly options?: Readonly<Record<string, unknown>>
  readonly expect: 'valid' | 'invalid'
  /** Why it is invalid. */
  readonly reason?: string
  /** Who published it. */
  readonly source: string
}

/** Makes the scheme that a vector is about. */
export type VectorScheme = (secrets: readonly string[], options: Readonly<Record<string, unknown>>) => BoundScheme

/** The schemes that core has, by the names that vectors use. */
export function claimedSchemes(): ReadonlyMap<string, VectorScheme> {
  return new Map(
    Object.entries(signaturePresets).map(([name, preset]) => [
      name,
      (secrets, options) => preset({ ...options, secrets }),
    ]),
  )
}

/** The exact bytes of a vector's body. */
export function vectorBody(vector: SignatureVector): Uint8Array {
  return Buffer.from(vector.body, vector.bodyEncoding)
}

/** Whether the public verification takes the vector's message, or one like it with another body. */
export async function verifyVector(
  vector: SignatureVector,
  scheme: VectorScheme,
  body: Uint8Array = vectorBody(vector),
): Promise<'valid' | 'invalid'> {
  const { headers, method = 'POST', now } = vector
  const verification = await verify(
    boundTo(vector, scheme),
    { headers, body, method, url: urls(vector) },
    {
      nowMs: now * 1000,
      ...tolerance(vector),
    },
  )
  return verification.isValid ? 'valid' : 'invalid'
}

/** What the guard answers to the vector's message, its body coming in small pieces; `undefined` where it lets it through. */
export async function guardVector(vector: SignatureVector, scheme: VectorScheme): Promise<Reply | undefined> {
  const { url, now } = vector
  const guard = signature({
    scheme: boundTo(vector, scheme),
    replay: false,
    now: () => now * 1000,
    ...(url !== undefined && { publicUrl: urls(vector) }),
    ...tolerance(vector),
  })
  const verdict = await guard(vectorRequest(vector), grantLedger())
  return verdict.kind === 'reply' ? verdict.reply : undefined
}

function boundTo({ secret, options = {} }: SignatureVector, scheme: VectorScheme): BoundScheme {
  const { toleranceSeconds: _, urlCandidates: __, ...presetOptions } = options
  return scheme(typeof secret === 'string' ? [secret] : secret, presetOptions)
}

function urls({ url = '', options = {} }: SignatureVector): readonly string[] {
  const { urlCandidates } = options
  return Array.isArray(urlCandidates) ? [url, ...urlCandidates.map(String)] : [url]
}

function tolerance({ options = {} }: SignatureVector): { readonly toleranceSeconds?: number } {
  const { toleranceSeconds } = options
  return typeof toleranceSeconds === 'number' ? { toleranceSeconds } : {}
}

function vectorRequest(vector: SignatureVector): GuardRequest {
  const lines = Object.entries(vector.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((line) => [name.toLowerCase(), line] as const),
  )
  const linesOf = (name: string) => lines.filter(([field]) => field === name).map(([, line]) => line)
  const body = vectorBody(vector)
  return {
    method: vector.method ?? 'POST',
    url: vector.url ?? 'http://vectors.test/',
    headers: {
      get: (name) => (linesOf(name).length === 0 ? null : linesOf(name).join(', ')),
      count: (name) => linesOf(name).length,
    },
    remoteAddress: undefined,
    body: async ({ onChunk }) => {
      for (let at = 0; at < body.length; at += 7) onChunk?.(body.subarray(at, at + 7))
      return body
    },
  }
}
