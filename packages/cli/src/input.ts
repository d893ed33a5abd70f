import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { CommandError, exitCodes, usageError } from './exit-codes.js'
import type { Session } from './session.js'

/** The bytes of a file, or of standard input where it is `-`. */
export async function bytesFrom(file: string, { io }: Session): Promise<Uint8Array> {
  return file === '-' ? buffer(io.stdin) : readFileSync(file)
}

/** A text of one line from a file or standard input; the line end that editors and `echo` add is no part of it. */
export async function lineFrom(file: string, session: Session): Promise<string> {
  const text = Buffer.from(await bytesFrom(file, session)).toString('utf8')
  return text.replace(/\r?\n$/, '')
}

/**
 * Asks for a secret on the terminal without showing it, or reads it from standard input. Secrets are never arguments: those are
 * seen by every process of the machine, and are kept in the history of the shell.
 */
export async function askSecret(label: string, session: Session): Promise<string> {
  const { stdin, stderr } = session.io
  if (stdin.isTTY !== true) return lineFrom('-', session)
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: stdin, output: silent, terminal: true, signal: session.signal })
  // Only now: what is typed, or pasted, at a question that comes earlier would still be shown.
  stderr.write(`${label}: `)
  const interrupted = once(reader, 'SIGINT').then(() => undefined)
  const closed = once(reader, 'close').then(() => undefined)
  const line = once(reader, 'line').then(([text]) => text as string)
  const answer = await Promise.race([line, interrupted, closed])
  reader.close()
  stderr.write('\n')
  if (answer === undefined) throw new CommandError(exitCodes.interrupted, 'interrupted')
  return answer
}

/** Where secrets for signatures come from. */
export interface SecretSource {
  readonly secretEnv?: string
  readonly secretFile?: readonly string[]
}

export const defaultSecretVariable = 'LATCHKEY_SIGNING_SECRET'

/** The secrets that were named, in that order: each file holds one. */
export async function secretsFrom({ secretEnv, secretFile }: SecretSource, session: Session): Promise<string[]> {
  if (secretFile !== undefined) {
    if (secretEnv !== undefined) throw usageError('--secret-env and --secret-file are two sources: choose one')
    const secrets: string[] = []
    for (const file of secretFile) secrets.push(await lineFrom(file, session))
    return secrets
  }
  const name = secretEnv ?? defaultSecretVariable
  const value = session.io.env[name]
  if (value === undefined || value === '') {
    throw usageError(`there is no secret: set ${name}, or name a file with --secret-file (- for standard input)`)
  }
  return [value]
}
