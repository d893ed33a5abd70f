import { endOf, exitCodes } from './exit-codes.js'
import { program } from './program.js'
import type { Io, Session } from './session.js'
import { printable } from './terminal-text.js'

/**
 * Runs the command `latchkey`, and sets what this process ends with.
 *
 * @param args without the program's name.
 *
 * @example
 * ```ts
 * import { main } from 'latchkey'
 *
 * await main(['keys', 'list', '--store', 'sqlite:latchkey.db'])
 * ```
 */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  hushExperiments()
  const io: Io = process
  const session: Session = { io, signal: interruption(), exitCode: exitCodes.done }
  for (const stream of [io.stdout, io.stderr]) stream.on('error', leave)
  try {
    await program(session).parseAsync(args, { from: 'user' })
  } catch (error) {
    const { code, message } = endOf(error)
    if (message !== undefined) io.stderr.write(`latchkey: ${printable(message)}\n`)
    session.exitCode = code
  }
  process.exitCode = session.exitCode
}

/** Long enough to end what is under way, and to close the store. */
const graceMs = 5000

/** The first interrupt asks the command to end, so that rows under way are finished; the next one, or waiting, ends it. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted)
    controller.abort()
    setTimeout(() => process.exit(exitCodes.interrupted), graceMs).unref()
  })
  return controller.signal
}

/** Whoever reads has gone, or the disk is full: there is nobody to tell the first. */
function leave(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(exitCodes.brokenPipe)
  process.exit(exitCodes.internal)
}

/** That `node:sqlite` is experimental in this Node is no news for those who call a command. */
function hushExperiments(): void {
  const shown = process.listeners('warning')
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name === 'ExperimentalWarning') return
    for (const listener of shown) listener(warning)
  })
}
