import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A path for a database in a folder of its own. */
export function databaseFile(): { file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-sqlite-'))
  return { file: join(folder, 'latchkey.db'), remove: () => rmSync(folder, { recursive: true }) }
}
