import { isHttpSignatureVector, verifyHttpVector } from './http-signature-vector.js'
import { claimedSchemes, type SignatureVector, type VectorScheme, verifyVector } from './signature-vector.js'

/** What became of a file of vectors. */
export interface VectorReport {
  /** One line an entry, in their order, and one that counts. */
  readonly lines: readonly string[]
  /** How many entries are not as they expect, those of schemes that nobody knows among them. */
  readonly differences: number
}

/**
 * Runs every entry of a file in the published shape through the same public verification that the guards use, each at its own
 * `now` and options: webhooks, `rfc9421` and `content-digest`. Nothing is skipped: an entry of a scheme that is not known, or that is no entry, is a difference.
 *
 * @param json the text of the file: a list of {@link SignatureVector}.
 * @param schemes schemes beside the presets, by the names that the vectors use.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises'
 * import { vectorReport } from '@latchkey/conformance/vectors'
 *
 * const { lines, differences } = await vectorReport(await readFile('vectors.json', 'utf8'))
 * console.log(lines.join('\n'))
 * process.exitCode = differences === 0 ? 0 : 1
 * ```
 *
 * @throws SyntaxError where the text is no JSON; TypeError where it is no list.
 */
export async function vectorReport(
  json: string,
  schemes: Readonly<Record<string, VectorScheme>> = {},
): Promise<VectorReport> {
  const vectors: unknown = JSON.parse(json)
  if (!Array.isArray(vectors)) throw new TypeError('a file of vectors is a JSON list')
  const known = new Map([...claimedSchemes(), ...Object.entries(schemes)])
  const lines: string[] = []
  let differences = 0
  for (const [index, vector] of vectors.entries()) {
    const complaint = await complaintAbout(vector, known)
    const name = isVector(vector) ? `${vector.scheme} ${vector.id}` : `entry ${index}`
    if (complaint !== undefined) differences++
    lines.push(complaint === undefined ? `ok   ${name}: ${vector.expect}` : `FAIL ${name}: ${complaint}`)
  }
  return { lines: [...lines, `${vectors.length - differences} passed, ${differences} failed`], differences }
}

async function complaintAbout(vector: unknown, known: ReadonlyMap<string, VectorScheme>): Promise<string | undefined> {
  if (!isVector(vector)) return 'not a vector: id, scheme, secret, headers, body, now and expect are needed'
  try {
    const found = await verdictOn(vector, known)
    if (found === undefined) return 'no such scheme'
    return found === vector.expect ? undefined : `expected ${vector.expect}, found ${found}`
  } catch (error) {
    return error instanceof Error ? error.message : 'the verification failed'
  }
}

async function verdictOn(
  vector: SignatureVector,
  known: ReadonlyMap<string, VectorScheme>,
): Promise<SignatureVector['expect'] | undefined> {
  const scheme = known.get(vector.scheme)
  if (scheme !== undefined) return verifyVector(vector, scheme)
  return isHttpSignatureVector(vector) ? verifyHttpVector(vector) : undefined
}

function isVector(value: unknown): value is SignatureVector {
  const { id, scheme, secret, headers, body, now, expect } = (value ?? {}) as Partial<Record<string, unknown>>
  return (
    [id, scheme, body].every((text) => typeof text === 'string') &&
    (typeof secret === 'string' || Array.isArray(secret)) &&
    typeof headers === 'object' &&
    headers !== null &&
    typeof now === 'number' &&
    (expect === 'valid' || expect === 'invalid')
  )
}
