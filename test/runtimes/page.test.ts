import { readFileSync } from 'node:fs'
import { adapterCases } from '@latchkey/conformance'
import { describe, expect, test } from 'vitest'
import { areas, checks } from './checks.js'
import { allDeviations } from './deviations.js'
import { withFindings } from './page.js'
import { type Finding, recorded } from './record.js'
import { runtimeNamed, runtimes } from './runtimes.js'

const page = readFileSync(new URL('../../docs/runtimes.md', import.meta.url), 'utf8')
const found = recorded()

describe('the page of runtimes', () => {
  test('says what was recorded, and nothing besides', () => {
    expect(withFindings(page, found)).toBe(page)
  })

  test('would not say so of another number', () => {
    const [first, ...rest] = found as [Finding, ...Finding[]]
    expect(withFindings(page, [{ ...first, passed: first.passed + 1 }, ...rest])).not.toBe(page)
  })

  test('is of checks that there are, in the versions that the command installs', () => {
    const all = checks.map(({ runtime, area }) => `${runtime} ${runtimeNamed(runtime).version} ${area}`)
    const said = found.map(({ runtime, version, area }) => `${runtime} ${version} ${area}`)
    expect(said.filter((each) => !all.includes(each))).toEqual([])
    expect(new Set(said).size).toBe(said.length)
  })

  test('has the adapters on every runtime, and they hold there', () => {
    const held = found.filter(({ area, failed, passed }) => isAdapters(area) && failed === 0 && passed > 0)
    expect(held.map(({ runtime }) => runtime).sort()).toEqual(runtimes.map(({ name }) => name).sort())
  })

  test('tells a failure, where there is one', () => {
    expect(withFindings(page, [{ ...found[0]!, failed: 3 }])).toContain('**3 failed**')
  })
})

const isAdapters = (area: string) => area === 'adapters' || area === 'hono'

test('a deviation names a case that there is, and is listed', () => {
  const names = new Set(adapterCases.map(({ name }) => name))
  for (const { cases, reason } of allDeviations) {
    expect(cases.filter((name) => !names.has(name))).toEqual([])
    expect(page).toContain(reason)
  }
})

test('every runtime is looked at, and every area on some runtime', () => {
  expect(new Set(checks.map(({ runtime }) => runtime))).toEqual(new Set(runtimes.map(({ name }) => name)))
  expect(new Set(checks.map(({ area }) => area))).toEqual(new Set(Object.keys(areas)))
})
