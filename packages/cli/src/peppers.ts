import type { Peppers } from '@latchkey/core'
import { usageError } from './exit-codes.js'
import { lineFrom } from './input.js'
import type { Session } from './session.js'
import { jsonFrom } from './settings.js'

/** A pepper as JSON has it: a text, which counts as its UTF-8 bytes, or bytes in base64. */
type WrittenPepper = string | { readonly base64: string }

/**
 * The peppers of the application, from a file or `LATCHKEY_PEPPERS`: `{ "current": "2026", "secrets": { "2026": "…" } }`.
 *
 * @throws CommandError where they do not fit; the message shows nothing of them.
 */
export async function peppersFrom(file: string | undefined, session: Session): Promise<Peppers | undefined> {
  const { LATCHKEY_PEPPERS: written } = session.io.env
  const name = file === undefined ? 'LATCHKEY_PEPPERS' : '--peppers-file'
  const content = file === undefined ? written : await lineFrom(file, session)
  if (content === undefined || content === '') return undefined
  const value = jsonFrom(name, content) as { current?: unknown; secrets?: unknown } | null
  const isWhole = typeof value?.current === 'string' && typeof value.secrets === 'object' && value.secrets !== null
  if (!isWhole) throw usageError(`${name} must be { "current": "<name>", "secrets": { "<name>": "<text>" } }`)
  const secrets = Object.entries(value.secrets as Record<string, WrittenPepper>).map(([id, pepper]) => {
    if (typeof pepper === 'string') return [id, pepper] as const
    if (typeof pepper?.base64 === 'string') return [id, Uint8Array.from(Buffer.from(pepper.base64, 'base64'))] as const
    throw usageError(`${name}: a pepper must be a text, or { "base64": "<bytes>" }`)
  })
  return { current: value.current as string, secrets: Object.fromEntries(secrets) }
}
