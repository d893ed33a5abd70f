import type { ExitCode } from './exit-codes.js'

/** What a command reads and writes: of this process, or a test's own. */
export type Io = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env'>

/** One run of the command. */
export interface Session {
  readonly io: Io
  /** Aborted by an interrupt from the keyboard. */
  readonly signal: AbortSignal
  /** What the command ends with, where it does not throw. */
  exitCode: ExitCode
}
