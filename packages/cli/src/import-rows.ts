import { createReadStream, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { ImportedApiKey } from '@latchkey/core'
import { momentFrom } from './quantities.js'
import type { Session } from './session.js'

/** A line of a file of keys: a row, or why it is none. */
interface ReadLine {
  readonly line: number
  readonly row?: ImportedApiKey
  readonly problem?: string
}

/** The lines of a file or of standard input, as they are asked for. */
export interface RowSource {
  /** In bytes; `undefined`: it is not known. */
  readonly size: number | undefined
  /** Bytes that have been read so far. */
  bytesRead(): number
  lines(): AsyncGenerator<ReadLine>
}

/** JSON Lines from a file, or from standard input where it is `-`. Lines without anything on them are passed over. */
export function rowSource(file: string, { io, signal }: Session, nowMs: number): RowSource {
  const size = file === '-' ? undefined : statSync(file).size
  let read = 0
  return {
    size,
    bytesRead: () => read,
    lines: async function* () {
      // Whoever interrupts does not wait for what is still to be typed.
      const stream = file === '-' ? io.stdin : createReadStream(file)
      let line = 0
      for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY, signal })) {
        line++
        read += Buffer.byteLength(text) + 1
        if (text.trim() !== '') yield { line, ...readRow(text, nowMs) }
      }
    },
  }
}

/** A row from a line of JSON. What may stand in it is judged by `import` of core; here only what JSON has no way to write. */
function readRow(text: string, nowMs: number): Omit<ReadLine, 'line'> {
  let row: unknown
  try {
    row = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch {
    return { problem: 'the line is not JSON' }
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return { problem: 'the line is not a JSON object' }
  const { expiresAt } = row as { expiresAt?: unknown }
  if (typeof expiresAt !== 'string') return { row: row as ImportedApiKey }
  try {
    return { row: { ...(row as ImportedApiKey), expiresAt: momentFrom(expiresAt, nowMs) } }
  } catch {
    return { problem: '"expiresAt" must be a date, a time, or a duration such as 90d' }
  }
}
