import { once } from 'node:events'
import type { Writable } from 'node:stream'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { usageError } from './exit-codes.js'
import type { Io } from './session.js'
import { printable, printableJson } from './terminal-text.js'

/** How a result is shown. */
export interface OutputOptions {
  readonly json?: boolean
  readonly reveal?: boolean
}

/** Writes results to standard output: JSON for programs, else text for people. */
export interface Output {
  readonly isJson: boolean
  /** A value for programs, or what `forPeople` writes. */
  result(value: unknown, forPeople: () => string): void
}

export function output({ stdout }: { readonly stdout: Writable }, { json = false }: OutputOptions): Output {
  return {
    isJson: json,
    result: (value, forPeople) => {
      const text = json ? printableJson(value, 2) : forPeople()
      if (text !== '') stdout.write(`${text}\n`)
    },
  }
}

/** Adds `--json`, which every command with a result has. */
export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON, for programs')
}

/** Adds `--reveal`, which every command that makes a secret has. */
export function withReveal(command: Command): Command {
  return withJson(command).option('--reveal', 'print the secret also where standard output is not a terminal')
}

/**
 * Sees to it that a secret will be seen, before it is made: it is shown this once, and into a log or a file only if somebody says so.
 *
 * @throws CommandError where it would be lost, or kept by what nobody has thought of.
 */
export function mayReveal({ stdout }: Io, { reveal = false }: OutputOptions): void {
  if (reveal || stdout.isTTY === true) return
  throw usageError(
    'a secret is shown once, and standard output is no terminal: nothing was made. Add --reveal to print it all the same',
  )
}

/** Rows under headings. Columns that are empty in every row are left out. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = headings.map((_, column) => rows.some((row) => row[column] !== '' && row[column] !== undefined))
  const chosen = (row: readonly string[]) => row.filter((_, column) => kept[column]).map((cell) => printable(cell))
  return plainTable([chosen(headings), ...rows.map(chosen)])
}

/** Names and values, one a line; what has no value is left out. */
export function facts(pairs: readonly (readonly [name: string, value: string | null | undefined])[]): string {
  const known = pairs.filter((pair): pair is readonly [string, string] => Boolean(pair[1]))
  return plainTable(known.map(([name, value]) => [name, printable(value)]))
}

/** Columns two spaces apart, without lines or colours. */
function plainTable(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const sides = ['top', 'bottom', 'left', 'right', 'mid'] as const
  const marks = ['', '-left', '-right', '-mid'] as const
  const chars = Object.fromEntries(sides.flatMap((side) => marks.map((mark) => [side + mark, ''])))
  const style = { 'padding-left': 0, 'padding-right': 0, head: [], border: [] }
  const lines = new Table({ chars: { ...chars, middle: '  ' }, style })
  lines.push(...rows.map((row) => [...row]))
  return lines
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

/** A moment for people: `2026-11-24 12:00:00Z`. */
export function moment(timeMs: number | null | undefined): string {
  if (timeMs === null || timeMs === undefined) return ''
  return new Date(timeMs).toISOString().replace('T', ' ').replace(/\.\d+/, '')
}

/** Writes a line, and waits where the reader is slower. */
export async function writeLine(stream: Writable, line: string): Promise<void> {
  if (!stream.write(`${line}\n`)) await once(stream, 'drain')
}
