import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { bundled } from './bundle.js'

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, { readonly default: string }>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

const packages = new URL('../../packages/', import.meta.url)

/** The most that each entry may weigh, in kilobytes (1,000 bytes), minified and gzipped, without what it depends on. */
const budgets: Readonly<Record<string, number>> = {
  latchkey: 18,
  // Vectors, which are data.
  '@latchkey/conformance': 140,
  '@latchkey/conformance/vectors': 2,
  '@latchkey/core': 88,
  '@latchkey/express': 0.6,
  '@latchkey/fetch': 3.6,
  '@latchkey/hono': 2.3,
  '@latchkey/http-signatures': 10,
  '@latchkey/ip': 0.8,
  '@latchkey/koa': 1.7,
  '@latchkey/management': 8,
  '@latchkey/node': 7,
  '@latchkey/openapi': 2.1,
  '@latchkey/opentelemetry': 2.8,
  '@latchkey/pino': 1.2,
  '@latchkey/remote-keys': 12,
  '@latchkey/stores/postgres': 15,
  '@latchkey/stores/redis': 13,
  '@latchkey/stores/sqlite': 12,
  '@latchkey/testing': 2.4,
}

/** What a service carries that uses one thing of core, in the same measure. */
const programs: readonly (readonly [does: string, kilobytes: number, program: string])[] = [
  ['draws tokens', 1, `export { tokenUrlsafe } from '@latchkey/core'`],
  ['verifies GitHub', 14, `export { github, signature } from '@latchkey/core'`],
  ['asks for API keys', 19, `export { apiKey, apiKeys } from '@latchkey/core'`],
  ['lets requests run once', 14, `export { idempotency } from '@latchkey/core'`],
  ['hands its events to OpenTelemetry', 12, `export { openTelemetry } from '@latchkey/opentelemetry'`],
]

/** What users write after `from`, the file behind it, and what it leaves to others. */
const entries = readdirSync(packages).flatMap((folder) => {
  const manifest = JSON.parse(readFileSync(new URL(`${folder}/package.json`, packages), 'utf8')) as Manifest
  return Object.entries(manifest.exports).map(([subpath, { default: file }]) => ({
    name: manifest.name + subpath.slice(1),
    file: new URL(`${folder}/${file}`, packages).pathname,
    external: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  }))
})

async function weigh(program: string, external: readonly string[]): Promise<number> {
  const code = await bundled(program, { minify: true, external })
  return gzipSync(code, { level: 9 }).length / 1000
}

test.each(programs)('a program that %s keeps to %s kB', async (_, most, program) => {
  expect(await weigh(program, ['@opentelemetry/api'])).toBeLessThanOrEqual(most)
})

describe('an entry, minified and gzipped', () => {
  test.each(entries)('$name keeps to its budget', async ({ name, file, external }) => {
    const kilobytes = await weigh(`export * from ${JSON.stringify(file)}`, external)
    expect(kilobytes).toBeGreaterThan(0.1)
    expect(kilobytes).toBeLessThanOrEqual(budgets[name] ?? 0)
  })

  test('has a budget, and nothing else has', () => {
    expect(Object.keys(budgets).sort()).toEqual(entries.map(({ name }) => name).sort())
  })
})
