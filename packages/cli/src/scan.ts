import type { Dirent } from 'node:fs'
import { createReadStream, statSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { CommandError, exitCodes } from './exit-codes.js'
import { type FoundLeak, leakScanner } from './leak-scanner.js'
import { type OutputOptions, output, withJson } from './output.js'
import { progress } from './progress.js'
import { list } from './quantities.js'
import type { Session } from './session.js'
import { type KeyOptions, settingsFrom, withKeySettings } from './settings.js'
import { printable } from './terminal-text.js'

interface ScanOptions extends KeyOptions, OutputOptions {
  readonly prefixes?: readonly string[]
  readonly anyPrefix?: boolean
  readonly binary?: boolean
  readonly lookalikes?: boolean
}

interface Leak extends FoundLeak {
  readonly path: string
}

/** What others have made, or what is read by other means. */
const unread = new Set(['.git', 'node_modules'])

/** `latchkey scan`: leaked keys in files, for hooks and CI. */
export function addScan(program: Command, session: Session): void {
  const command = program
    .command('scan')
    .description('find keys in files and folders; ends with 1 where there is one')
    .argument('<paths...>', 'files and folders (.git and node_modules are passed over); - for standard input')
    .addOption(
      new Option('--prefixes <list>', 'what keys begin with (default: the configured prefixes, else any)').argParser(
        list,
      ),
    )
    .option('--any-prefix', 'keys with any prefix count, whatever is configured')
    .option('--binary', 'look into binary files, too')
    .option('--lookalikes', 'print also what has the shape of a key and a wrong checksum; it does not count')
  withKeySettings(withJson(command)).action(async (paths: readonly string[], options: ScanOptions) => {
    const prefixes = options.anyPrefix === true ? undefined : (options.prefixes ?? configured(options, session))
    const { files, unreadable } = await filesUnder(paths)
    const bar = progress(session.io, '[{bar}] {value}/{total} files', files.length)
    const leaks: Leak[] = []
    let scanned = 0
    for (const path of files) {
      if (session.signal.aborted) break
      try {
        for await (const leak of leaksIn(path, prefixes, options.binary === true, session))
          leaks.push({ path, ...leak })
        scanned++
      } catch (error) {
        unreadable.push(`${path}: ${(error as NodeJS.ErrnoException).code ?? 'cannot be read'}`)
      }
      bar.update(scanned)
    }
    bar.stop()
    report({ leaks, unreadable, scanned }, options, session)
  })
}

interface Report {
  readonly leaks: readonly Leak[]
  readonly unreadable: readonly string[]
  readonly scanned: number
}

function report({ leaks, unreadable, scanned }: Report, options: ScanOptions, session: Session): void {
  const { io } = session
  const genuine = leaks.filter(({ isGenuine }) => isGenuine)
  const shown = options.lookalikes === true ? leaks : genuine
  output(io, options).result({ findings: shown, filesScanned: scanned, unreadable }, () =>
    shown.map(leakLine).join('\n'),
  )
  for (const complaint of unreadable) io.stderr.write(`${printable(complaint)}\n`)
  if (options.json !== true) io.stderr.write(`keys found: ${genuine.length}, files: ${scanned}\n`)
  if (session.signal.aborted) throw new CommandError(exitCodes.interrupted, 'interrupted: not all files were read')
  if (genuine.length > 0) session.exitCode = exitCodes.negative
  else if (unreadable.length > 0)
    throw new CommandError(exitCodes.usage, 'no key was found, but not all files could be read')
}

function leakLine({ path, line, column, display, isGenuine }: Leak): string {
  return printable(`${path}:${line}:${column}: ${display}${isGenuine ? '' : ' (wrong checksum)'}`)
}

function configured(options: ScanOptions, { io }: Session): readonly string[] | undefined {
  const { prefix, formerPrefixes, isPrefixGiven } = settingsFrom(options, io)
  return isPrefixGiven ? [prefix, ...formerPrefixes] : undefined
}

/** Every file that was named, or is in a folder that was; symbolic links in folders are not followed. */
async function filesUnder(paths: readonly string[]): Promise<{ files: string[]; unreadable: string[] }> {
  const files: string[] = []
  const unreadable: string[] = []
  const walk = async (folder: string): Promise<void> => {
    let entries: Dirent[]
    try {
      entries = await readdir(folder, { withFileTypes: true })
    } catch (error) {
      unreadable.push(`${folder}: ${(error as NodeJS.ErrnoException).code}`)
      return
    }
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory() && !unread.has(entry.name)) await walk(path)
      else if (entry.isFile()) files.push(path)
    }
  }
  for (const path of paths) {
    if (path !== '-' && statSync(path).isDirectory()) await walk(path)
    else files.push(path)
  }
  return { files, unreadable }
}

async function* leaksIn(
  path: string,
  prefixes: readonly string[] | undefined,
  isBinaryRead: boolean,
  { io }: Session,
): AsyncGenerator<FoundLeak> {
  if (path !== '-' && !isBinaryRead && (await isBinary(path))) return
  const scanner = leakScanner(prefixes)
  const stream = path === '-' ? io.stdin : createReadStream(path, { highWaterMark: 1024 * 1024 })
  // Of bytes that are no text each stands for itself: a key in between is found all the same.
  stream.setEncoding(isBinaryRead ? 'latin1' : 'utf8')
  for await (const piece of stream) yield* scanner.scan(piece as string)
}

/** As git tells: a NUL among the first bytes. */
async function isBinary(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8000), 0, 8000, 0)
    return buffer.subarray(0, bytesRead).includes(0)
  } finally {
    await file.close()
  }
}
