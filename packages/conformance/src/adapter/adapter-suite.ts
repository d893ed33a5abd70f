import { afterAll, beforeAll, describe, it } from 'vitest'
import { adapterCases, runAdapterCase } from './adapter-cases.js'
import type { AdapterCase, Lab, LabSettings } from './lab.js'

/** A lab that the suite has started and will end. */
export interface StartedLab extends Lab {
  close(): Promise<void>
}

export interface AdapterSuiteOptions {
  /** Starts a lab on the adapter under test. */
  readonly start: (settings: LabSettings) => Promise<StartedLab>
  /** Cases that do not hold here, by name, each with the reason. */
  readonly skip?: Readonly<Record<string, string>>
}

/**
 * Declares the whole adapter suite for vitest.
 *
 * @example
 * ```ts
 * import { type AdapterSuiteOptions, adapterSuite } from '@latchkey/conformance'
 *
 * const mine = (startMyLab: AdapterSuiteOptions['start']) => adapterSuite('my framework', { start: startMyLab })
 * ```
 */
export function adapterSuite(name: string, { start, skip = {} }: AdapterSuiteOptions): void {
  describe(name, () => {
    for (const [settings, cases] of bySettings(adapterCases)) {
      describe(settings === '{}' ? 'by default' : `with ${settings}`, () => {
        let lab: StartedLab
        beforeAll(async () => {
          lab = await start(JSON.parse(settings))
        })
        afterAll(() => lab?.close())
        for (const each of cases) {
          const reason = skip[each.name]
          if (reason === undefined) it(each.name, () => runAdapterCase(each, lab), 15_000)
          else it.skip(`${each.name} (${reason})`)
        }
      })
    }
  })
}

function bySettings(cases: readonly AdapterCase[]): Map<string, AdapterCase[]> {
  const groups = new Map<string, AdapterCase[]>()
  for (const each of cases) {
    const settings = JSON.stringify(each.settings ?? {})
    const group = groups.get(settings)
    if (group === undefined) groups.set(settings, [each])
    else group.push(each)
  }
  return groups
}
