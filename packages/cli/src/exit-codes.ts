import { ApiKeyLifecycleError, ConfigurationError, StoreError } from '@latchkey/core'
import { CommanderError } from 'commander'

/** What the command ends with; scripts rely on it. */
export const exitCodes = {
  /** What was asked for is done, or the verdict is good. */
  done: 0,
  /** It ran, and its answer is no: a leaked key, a wrong signature or checksum, rows that were not imported, a warning under `--strict`. */
  negative: 1,
  /** The command line, an input or a setting does not fit; nothing was changed. */
  usage: 2,
  /** There is no such key or record. */
  absent: 3,
  /** The store cannot be reached, does not answer in time, or is damaged. */
  unavailable: 4,
  /** The key or record is in a state in which this cannot be done. */
  conflict: 5,
  /** A fault of the command itself. */
  internal: 70,
  /** Interrupted from the keyboard. */
  interrupted: 130,
  /** Whoever read the output has gone, as `head` does. */
  brokenPipe: 141,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** An expected fault: its message is one line for people, and holds nothing secret. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: ExitCode
  constructor(exitCode: ExitCode, message: string) {
    super(message)
    this.exitCode = exitCode
  }
}

/** A mistake in how the command was called. */
export function usageError(message: string): CommandError {
  return new CommandError(exitCodes.usage, message)
}

/** How a command that threw ends, and what it says; `undefined`: nothing more than has been said. */
export function endOf(error: unknown): { readonly code: ExitCode; readonly message: string | undefined } {
  if (error instanceof CommanderError) {
    // Commander has written its message, or the help that was asked for.
    return { code: error.exitCode === 0 ? exitCodes.done : exitCodes.usage, message: undefined }
  }
  if (error instanceof CommandError) return { code: error.exitCode, message: error.message }
  if (error instanceof ConfigurationError) return { code: exitCodes.usage, message: error.message }
  if (error instanceof ApiKeyLifecycleError) {
    return { code: error.fault === 'absent' ? exitCodes.absent : exitCodes.conflict, message: error.message }
  }
  if (error instanceof StoreError) return { code: exitCodes.unavailable, message: storeMessage(error) }
  const message = error instanceof Error ? error.message : String(error)
  return { code: isSystemError(error) ? exitCodes.usage : exitCodes.internal, message }
}

/** What the driver said may hold an address or a part of a statement: of it only its code is shown. */
export function storeMessage({ message, cause }: StoreError): string {
  if (cause instanceof ConfigurationError) return cause.message
  const code = codeOf(cause)
  return code === undefined || message.includes(code) ? message : `${message} (${code})`
}

function codeOf(cause: unknown): string | undefined {
  for (let error = cause; error instanceof Error; error = error.cause) {
    const { code } = error as { code?: unknown }
    if (typeof code === 'string' && /^[0-9A-Z_]{2,40}$/.test(code)) return code
    const [first] = (error as Partial<AggregateError>).errors ?? []
    if (first !== undefined) return codeOf(first)
  }
  return undefined
}

/** A file that is not there, or may not be read: named by the system call that failed. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).syscall === 'string'
}
