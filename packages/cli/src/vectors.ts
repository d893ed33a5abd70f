import { vectorReport } from '@latchkey/conformance/vectors'
import type { Command } from 'commander'
import { exitCodes, usageError } from './exit-codes.js'
import { bytesFrom } from './input.js'
import { type OutputOptions, output, withJson } from './output.js'
import type { Session } from './session.js'
import { printable } from './terminal-text.js'

/** `latchkey vectors`: known answers of others against our verification, and ours against theirs. */
export function addVectors(program: Command, session: Session): void {
  const command = program
    .command('vectors')
    .description('verify every entry of a file of signature vectors; ends with 1 where one is not as it expects')
    .argument('<file>', 'a JSON list of vectors; - for standard input')
  withJson(command).action(async (file: string, options: OutputOptions) => {
    const { lines, differences } = await reportOn(Buffer.from(await bytesFrom(file, session)).toString('utf8'))
    output(session.io, options).result({ lines, differences }, () => lines.map(printable).join('\n'))
    if (differences > 0) session.exitCode = exitCodes.negative
  })
}

async function reportOn(text: string) {
  try {
    return await vectorReport(text)
  } catch (error) {
    // What the parser says quotes the file.
    throw usageError(error instanceof SyntaxError ? 'the file is not JSON' : (error as Error).message)
  }
}
