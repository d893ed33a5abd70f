import { posix } from 'node:path'
import { type Import, importsOf, isTest, type Source } from './source.js'

/** Looks at files and tells what breaks the rule, one line each; nothing where all is well. */
export type Rule = (sources: readonly Source[]) => string[]

const features = ['api-key', 'idempotency', 'secrets', 'signature']
const frameworks = /^(express|koa|hono|@hono\/.+|@koa\/.+)(\/|$)/

/** The repository path that a relative import names. */
function target(source: Source, { specifier }: Import): string {
  return posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, '.ts')
}

/** Complains about every import of the files under `folder` for which `complaint` finds words. */
function forbid(folder: string, complaint: (source: Source, found: Import) => string | undefined): Rule {
  return (sources) =>
    sources
      .filter(({ path }) => path.startsWith(folder))
      .flatMap((source) =>
        importsOf(source).flatMap((found) => {
          const words = complaint(source, found)
          return words === undefined ? [] : [`${source.path}:${found.line} ${words}: ${found.specifier}`]
        }),
      )
}

/** Core imports no package; `node:crypto` stands in crypto.ts alone, and no other module of Node anywhere. */
export const coreStandsAlone = forbid('packages/core/src/', ({ path }, { specifier }) => {
  if (specifier.startsWith('.') || isTest(path)) return undefined
  if (specifier === 'node:crypto' && path === 'packages/core/src/crypto.ts') return undefined
  return 'core may not import'
})

/** In the package of HTTP message signatures `node:crypto` stands in crypto.ts alone, as in core, and no other module of Node. */
export const httpSignaturesHoldCryptoInOneFile = forbid('packages/http-signatures/src/', ({ path }, { specifier }) => {
  if (!specifier.startsWith('node:') || isTest(path)) return undefined
  if (specifier === 'node:crypto' && path === 'packages/http-signatures/src/crypto.ts') return undefined
  return 'crypto.ts alone may import'
})

/** In the package of keys that are fetched `node:crypto` and `node:tls`, for its roots, stand in crypto.ts alone. */
export const remoteKeysHoldCryptoInOneFile = forbid('packages/remote-keys/src/', ({ path }, { specifier }) => {
  if (!specifier.startsWith('node:') || isTest(path)) return undefined
  const isCrypto = specifier === 'node:crypto' || specifier === 'node:tls'
  if (isCrypto && path === 'packages/remote-keys/src/crypto.ts') return undefined
  return 'crypto.ts alone may import'
})

/** What leaves core by a relative path is not core's. */
export const packagesMeetByName = forbid('packages/', (source, found) => {
  if (!found.specifier.startsWith('.')) return undefined
  const own = source.path.split('/').slice(0, 2).join('/')
  return target(source, found).startsWith(`${own}/`) ? undefined : 'another package is imported by its name'
})

/** guard.ts opens everything and imports nothing. */
export const guardImportsNothing = forbid('packages/core/src/guard.ts', () => 'guard.ts may not import')

/** A feature folder never imports another feature folder, not even a type of it. */
export const featuresStandApart = forbid('packages/core/src/', (source, found) => {
  const own = featureOf(source.path)
  const other = featureOf(target(source, found))
  if (own === undefined || other === undefined || own === other || isTest(source.path)) return undefined
  return `${own} may not import from ${other}`
})

/** What the features are built on knows none of them. */
export const foundationKnowsNoFeature = forbid('packages/core/src/', (source, found) => {
  const isFoundation = posix.dirname(source.path) === 'packages/core/src' && !source.path.endsWith('/index.ts')
  return isFoundation && !isTest(source.path) && featureOf(target(source, found)) !== undefined
    ? 'the seam may not import a feature'
    : undefined
})

function featureOf(path: string): string | undefined {
  return features.find((feature) => path.startsWith(`packages/core/src/${feature}/`))
}

/** Frameworks are imported as types only, and by their own adapter only. */
export const frameworksAreTypes = forbid('packages/', ({ path }, { specifier, typeOnly }) => {
  const framework = frameworks.exec(specifier)?.[1]?.replace(/^@(\w+)\/.*/, '$1')
  if (framework === undefined || isTest(path)) return undefined
  if (!path.startsWith(`packages/${framework}/`)) return 'only its own adapter may import'
  return typeOnly ? undefined : 'an adapter imports its framework as types only'
})

/** A store imports its contract and the library that limits rates; a driver is handed in or loaded by name, never imported. */
export const storesImportTheirContract = forbid('packages/stores/src/', ({ path }, { specifier, typeOnly }) => {
  if (specifier.startsWith('.') || specifier === '@latchkey/core' || isTest(path)) return undefined
  const isLibrary = specifier.startsWith('rate-limiter-flexible/')
  return typeOnly || isLibrary || specifier === 'node:module' ? undefined : 'a store imports only its contract, not'
})

/** The memory store sits in core and knows the contracts, never the features behind them. */
export const memoryStoreImportsContracts = forbid('packages/core/src/stores/', (source, found) => {
  const path = target(source, found)
  if (featureOf(path) === undefined || isTest(source.path)) return undefined
  return contract.test(path) ? undefined : 'a store imports only its contract, not'
})

/**
 * `store.ts` and its like; every store of keys has to agree on how a quota comes back, on which keys are the same, and on what a
 * record is made of.
 */
const contract = /\/(?:[a-z]+-)?store\.ts$|\/api-key\/(?:quota|same-key|key-record)\.ts$/

/** No circle of imports is left at run time, within a package or across packages. */
export const noCycles: Rule = (sources) => {
  const graph = new Map(
    sources
      .filter(({ path }) => path.startsWith('packages/') && !isTest(path))
      .map((source) => [source.path, importsOf(source).flatMap((found) => runtimeTarget(source, found))]),
  )
  const cycles = new Set<string>()
  const finished = new Set<string>()
  const walk = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) cycles.add([...trail.slice(at), path].join(' -> '))
    if (at >= 0 || finished.has(path)) return
    for (const next of graph.get(path) ?? []) walk(next, [...trail, path])
    finished.add(path)
  }
  for (const path of graph.keys()) walk(path, [])
  return [...cycles]
}

function runtimeTarget(source: Source, found: Import): string[] {
  if (found.typeOnly) return []
  const scoped = /^@latchkey\/([^/]+)(?:\/(.+))?$/.exec(found.specifier)
  if (scoped !== null) return [`packages/${scoped[1]}/src/${scoped[2] === undefined ? '' : `${scoped[2]}/`}index.ts`]
  return found.specifier.startsWith('.') ? [target(source, found)] : []
}
