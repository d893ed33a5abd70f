import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapterSuite } from '@latchkey/conformance'
import type { Adapter, GuardSettings } from '../lab/options.js'
import { startLab } from '../lab/start.js'

/** Runs the adapter suite against the lab on one framework, over memory or over a file that is thrown away. */
export function labSuite(adapter: Adapter, store: 'memory' | 'sqlite'): void {
  adapterSuite(`${adapter} over ${store}`, {
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
