import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapterSuite } from '@latchkey/conformance'
import type { Adapter, GuardSettings } from '../lab/options.js'
import { startLab } from '../lab/start.js'

/** What the parser of HTTP in an older Node lets through; what it lets through reaches no handler that would take it for a field. */
export const parserDeviations: Readonly<Record<string, string>> = process.versions.llhttp?.startsWith('8.')
  ? { 'odd requests: a space before the colon reaches nobody': 'the parser of this Node takes it for a name' }
  : {}

/** Runs the adapter suite against the lab on one framework, over memory or over a file that is thrown away. */
export function labSuite(adapter: Adapter, store: 'memory' | 'sqlite'): void {
  adapterSuite(`${adapter} over ${store}`, {
    skip: parserDeviations,
    start: async (settings) => {
      if (store === 'memory') return startLab({ adapter, options: settings as GuardSettings })
      const folder = temporaryFolder()
      const lab = await startLab({
        adapter,
        store: `sqlite:${join(folder, 'lab.db')}`,
        options: settings as GuardSettings,
      })
      return { ...lab, close: () => lab.close().then(() => rm(folder, { recursive: true })) }
    },
  })
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'latchkey-'))
}
