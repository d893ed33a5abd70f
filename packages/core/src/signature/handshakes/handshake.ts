import { noBytes, utf8 } from '../../bytes.js'
import { digest, equalBytes } from '../../crypto.js'
import { ConfigurationError } from '../../errors.js'
import { BodyError, type Grants, type Guard, type GuardRequest, type Refusal } from '../../guard.js'
import { isBaseUrl, type OptionReader } from '../../option-reader.js'
import { bodyRefusals, refuse } from '../signature-reply.js'

/**
 * A guard that answers the handshake of a provider, by which it tries an address or brings a secret, and passes everything
 * else. Each is mounted in words, at its own place before or behind the guard `signature`.
 */
export type Handshake = Guard<undefined>

/** What every handshake that can refuse is told. */
export interface HandshakeOptions {
  /** Where the codes are documented; becomes the `type` of problems, the code appended. @defaultValue `urn:latchkey:` */
  readonly problemBaseUrl?: string
}

/** Everything that is no handshake. */
export const notOurs = { kind: 'pass', grant: undefined } as const

/** Most bytes of a handshake that nobody has signed. */
const maxBytes = 65_536
const timeoutSeconds = 10

/** An answer of plain text. It holds what a stranger has sent, so a browser must never take it for anything else. */
export function plainText(text: string, headers: ReadonlyArray<readonly [string, string]> = []): Refusal {
  return answer('text/plain; charset=utf-8', text, headers)
}

export function json(value: object): Refusal {
  return answer('application/json', JSON.stringify(value), [])
}

function answer(type: string, text: string, headers: ReadonlyArray<readonly [string, string]>): Refusal {
  const body = utf8(text)
  const fixed = [
    ['content-type', type],
    ['x-content-type-options', 'nosniff'],
    ['cache-control', 'no-store'],
    ['content-length', String(body.length)],
  ] as const
  return { kind: 'reply', reply: { status: 200, headers: [...fixed, ...headers], body } }
}

/** Refuses a handshake as the guard `signature` refuses a message. */
export function refuseHandshake(problemBaseUrl: string | undefined): Refusal {
  return refuse('signature-invalid', problemBaseUrl)
}

/** What a parameter of the query says, where it is there once and is 1 to 1024 printable ASCII characters. */
export function queryParameter({ url }: GuardRequest, name: string): string | undefined {
  const values = new URL(url).searchParams.getAll(name)
  return values.length === 1 ? printable(values[0]) : undefined
}

/** A text of 1 to 1024 printable ASCII characters, or `undefined`. */
export function printable(value: unknown): string | undefined {
  return typeof value === 'string' && /^[ -~]{1,1024}$/.test(value) ? value : undefined
}

/** Reads the one option that they share. */
export function readProblemBaseUrl<Options extends HandshakeOptions>(read: OptionReader<Options>): string | undefined {
  return read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl)
}

/**
 * The body of a request that may be an unsigned handshake; nothing where it announces no length, or more than a handshake has: the
 * guard behind refuses it unread. The refusal where it is too slow.
 */
export async function handshakeBody(
  request: GuardRequest,
  problemBaseUrl: string | undefined,
): Promise<Uint8Array | Refusal> {
  const length = request.headers.get('content-length')
  if (length === null || !/^\d{1,5}$/.test(length) || Number(length) > maxBytes) return noBytes
  try {
    return await request.body({ maxBytes, timeoutSeconds })
  } catch (error) {
    if (!(error instanceof BodyError)) throw error
    return refuse(bodyRefusals[error.fault], problemBaseUrl)
  }
}

/**
 * The body of a message that the guard `signature` has verified.
 *
 * @throws ConfigurationError where that guard does not stand before this one.
 */
export async function verifiedBody(request: GuardRequest, prior: Grants, scheme: string): Promise<Uint8Array> {
  const granted = prior.get('signature') as { readonly scheme?: unknown } | undefined
  if (granted?.scheme !== scheme) {
    throw new ConfigurationError(
      'grant-missing',
      `${scheme}Handshake: mount it behind the guard signature of ${scheme}`,
    )
  }
  return request.body({ maxBytes: Number.MAX_SAFE_INTEGER, timeoutSeconds })
}

/** Whether two texts are the same, in time that says nothing about where they part. */
export function isSameText(one: string, other: string): boolean {
  return equalBytes(digest('sha256', one), digest('sha256', other))
}
