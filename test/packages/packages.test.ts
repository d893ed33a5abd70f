import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Consumer, consumer, entriesOf } from './consumer.js'

/** The suites call vitest as they are imported, which only a test run can do. */
const insideVitestOnly = '@latchkey/conformance'

let project: Consumer
beforeAll(() => {
  project = consumer()
}, 60_000)
afterAll(() => project?.remove())

describe('a package as it is published', () => {
  test('holds its licence, its README and its code, and no tests', () => {
    const licence = readFileSync(new URL('../../LICENSE', import.meta.url), 'utf8')
    for (const { manifest, files } of project.packages) {
      expect(files, manifest.name).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
      expect(files.filter((file) => /\.test\.|\.tsbuildinfo$|tsconfig/.test(file))).toEqual([])
      const installed = join(project.folder, 'node_modules', manifest.name)
      expect(readFileSync(join(installed, 'LICENSE'), 'utf8'), manifest.name).toBe(licence)
    }
  })

  test('says that it is MIT, ESM, without side effects, for Node 20.19 and later', () => {
    for (const { manifest } of project.packages) {
      expect(manifest).toMatchObject({
        license: 'MIT',
        type: 'module',
        sideEffects: false,
        engines: { node: '>=20.19' },
      })
    }
  })

  /** What beats code of our own, where it is needed and nowhere else. */
  const libraries: Readonly<Record<string, readonly string[]>> = {
    '@latchkey/http-signatures': ['structured-headers'],
    '@latchkey/ip': ['ipaddr.js'],
    '@latchkey/remote-keys': ['jose'],
    '@latchkey/stores': ['rate-limiter-flexible'],
    // A program has to bring its drivers along.
    latchkey: ['@bomb.sh/tab', 'cli-progress', 'cli-table3', 'commander', 'ioredis', 'pg'],
  }

  test('depends on Latchkey’s own packages, and on few others: frameworks and drivers are peers', () => {
    for (const { manifest } of project.packages) {
      const foreign = Object.keys(manifest.dependencies ?? {}).filter((name) => !name.startsWith('@latchkey/'))
      expect(foreign, manifest.name).toEqual(libraries[manifest.name] ?? [])
    }
  })

  test('core depends on nothing at all', () => {
    const core = project.packages.find(({ manifest }) => manifest.name === '@latchkey/core')!
    expect(core.manifest.dependencies ?? {}).toEqual({})
    expect(core.manifest.peerDependencies ?? {}).toEqual({})
  })
})

describe('a project that installs the tarballs', () => {
  const print = 'process.stdout.write(JSON.stringify(names))'
  const entries = () => project.packages.flatMap(entriesOf).filter((entry) => !entry.startsWith(insideVitestOnly))

  test('imports every entry, and a CommonJS one requires the same names', () => {
    const list = JSON.stringify(entries())
    const imported = project.run(
      'imports.mjs',
      `const names = {}; for (const entry of ${list}) names[entry] = Object.keys(await import(entry)).sort(); ${print}`,
    )
    const required = project.run(
      'requires.cjs',
      `const names = {}; for (const entry of ${list}) names[entry] = Object.keys(require(entry)).sort(); ${print}`,
    )
    expect(required).toEqual(imported)
    for (const [entry, names] of Object.entries(imported as Record<string, string[]>)) {
      expect(names, entry).not.toEqual([])
    }
  })

  test('finds the types of every entry, from ESM and from CommonJS, and they hold without skipLibCheck', () => {
    const program = entries()
      .map(
        (entry, index) =>
          `import * as entry${index} from '${entry}'\nexport const names${index} = Object.keys(entry${index})`,
      )
      .join('\n')
    const files = ['types.mts', 'types.cts'].map((file) => join(project.folder, file))
    for (const file of files) writeFileSync(file, program)
    const compiled = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'],
      typeRoots: [join(project.folder, 'node_modules/@types')],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    })
    const ours = ts
      .getPreEmitDiagnostics(compiled)
      .filter(({ file }) => file === undefined || /@latchkey\/|\/types\.[mc]ts$/.test(file.fileName))
      .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`)
    expect(ours).toEqual([])
  }, 60_000)
})
