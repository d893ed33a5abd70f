import { describe, expect, test } from 'vitest'
import * as code from './code-rules.js'
import * as dependency from './dependency-rules.js'
import type { Source } from './source.js'
import * as tree from './tree-rules.js'

const file = (path: string, text: string): Source => ({ path, text })
const core = (path: string, text: string) => file(`packages/core/src/${path}`, text)

/** Each rule with files that break it, and files that look alike and do not. */
const plants: Record<string, { rule: dependency.Rule; bad: Source[][]; good: Source[] }> = {
  'core imports no package, and node:crypto in crypto.ts alone': {
    rule: dependency.coreStandsAlone,
    bad: [
      [core('guard.ts', `import express from 'express'`)],
      [core('secrets/token.ts', `import { randomBytes } from 'node:crypto'`)],
      [core('crypto.ts', `import { Buffer } from 'node:buffer'`)],
      [core('problem.ts', `const load = () => import('lodash')`)],
      [core('problem.ts', `type Server = import('node:http').Server`)],
      [core('problem.ts', `export * from 'zod'`)],
    ],
    good: [
      core('crypto.ts', `import * as node from 'node:crypto'`),
      core('sequence.ts', `import './errors.js'`),
      core('secrets/token.test.ts', `import { test } from 'vitest'`),
    ],
  },
  'of @latchkey/remote-keys crypto.ts alone imports node:crypto and node:tls': {
    rule: dependency.remoteKeysHoldCryptoInOneFile,
    bad: [
      [file('packages/remote-keys/src/sns.ts', `import { verify } from 'node:crypto'`)],
      [file('packages/remote-keys/src/certificate-chain.ts', `import { rootCertificates } from 'node:tls'`)],
      [file('packages/remote-keys/src/crypto.ts', `import { request } from 'node:https'`)],
    ],
    good: [
      file('packages/remote-keys/src/crypto.ts', `import { rootCertificates } from 'node:tls'`),
      file('packages/remote-keys/src/sns.test.ts', `import { sign } from 'node:crypto'`),
      file('packages/remote-keys/src/jwt-token.ts', `import { jwtVerify } from 'jose'`),
    ],
  },
  'of @latchkey/http-signatures crypto.ts alone imports node:crypto': {
    rule: dependency.httpSignaturesHoldCryptoInOneFile,
    bad: [
      [file('packages/http-signatures/src/sign.ts', `import { sign } from 'node:crypto'`)],
      [file('packages/http-signatures/src/crypto.ts', `import { Buffer } from 'node:buffer'`)],
    ],
    good: [
      file('packages/http-signatures/src/crypto.ts', `import * as node from 'node:crypto'`),
      file('packages/http-signatures/src/sign.test.ts', `import { sign } from 'node:crypto'`),
      file('packages/http-signatures/src/jwks.ts', `import { remoteJwks } from '@latchkey/remote-keys'`),
    ],
  },
  'packages meet by their names': {
    rule: dependency.packagesMeetByName,
    bad: [[file('packages/koa/src/index.ts', `import { x } from '../../core/src/guard.js'`)]],
    good: [file('packages/koa/src/index.ts', `import { x } from '@latchkey/core'; import { y } from './mount.js'`)],
  },
  'guard.ts imports nothing': {
    rule: dependency.guardImportsNothing,
    bad: [[core('guard.ts', `import type { Store } from './stores/store.js'`)]],
    good: [core('sequence.ts', `import type { Guard } from './guard.js'`)],
  },
  'a feature folder never imports another': {
    rule: dependency.featuresStandApart,
    bad: [
      [core('idempotency/guard.ts', `import { parse } from '../api-key/grammar.js'`)],
      [core('signature/schemes/github.ts', `import type { X } from '../../idempotency/store.js'`)],
    ],
    good: [core('idempotency/guard.ts', `import { x } from './key.js'; import { y } from '../crypto.js'`)],
  },
  'the seam knows no feature': {
    rule: dependency.foundationKnowsNoFeature,
    bad: [[core('sequence.ts', `import { apiKey } from './api-key/guard.js'`)]],
    good: [core('index.ts', `export * from './api-key/guard.js'`)],
  },
  'frameworks are types, and their own adapter’s': {
    rule: dependency.frameworksAreTypes,
    bad: [
      [file('packages/express/src/index.ts', `import express from 'express'`)],
      [file('packages/express/src/index.ts', `import { type Request } from 'express'`)],
      [file('packages/hono/src/index.ts', `import { createMiddleware } from 'hono/factory'`)],
      [file('packages/node/src/request.ts', `import type { Request } from 'express'`)],
      [file('packages/koa/src/index.ts', `import Router from '@koa/router'`)],
    ],
    good: [
      file('packages/express/src/index.ts', `import type { Request } from 'express'`),
      file('packages/hono/src/index.ts', `import type { Context } from 'hono'`),
      file('packages/hono/src/index.test.ts', `import { Hono } from 'hono'`),
    ],
  },
  'a store imports its contract': {
    rule: dependency.storesImportTheirContract,
    bad: [
      [file('packages/stores/src/sqlite/index.ts', `import Database from 'libsql'`)],
      [file('packages/stores/src/sqlite/index.ts', `import { DatabaseSync } from 'node:sqlite'`)],
    ],
    good: [file('packages/stores/src/sqlite/index.ts', `import type { Store } from '@latchkey/core'`)],
  },
  'the memory store knows contracts only': {
    rule: dependency.memoryStoreImportsContracts,
    bad: [[core('stores/memory.ts', `import { idempotency } from '../idempotency/guard.js'`)]],
    good: [
      core('stores/memory.ts', `import type { Claim } from '../idempotency/store.js'`),
      core('stores/memory.ts', `import type { RateCount } from '../api-key/rate-store.js'`),
    ],
  },
  'no cycles at run time': {
    rule: dependency.noCycles,
    bad: [
      [core('a.ts', `import { b } from './b.js'`), core('b.ts', `import { a } from './a.js'`)],
      [
        core('index.ts', `export * from '@latchkey/node'`),
        file('packages/node/src/index.ts', `export * from '@latchkey/core'`),
      ],
    ],
    good: [core('a.ts', `import { b } from './b.js'`), core('b.ts', `import type { A } from './a.js'`)],
  },
  'no file is over 250 lines': {
    rule: tree.filesAreShort,
    bad: [[core('long.ts', 'x\n'.repeat(251))]],
    good: [core('short.ts', 'x\n'.repeat(250))],
  },
  'names say something': {
    rule: tree.namesSaySomething,
    bad: [
      [core('utils.ts', '')],
      [core('helpers/parse.ts', '')],
      [core('types.ts', '')],
      [core('manager.test.ts', '')],
    ],
    good: [core('bytes.ts', ''), core('common-names.ts', '')],
  },
  'names are in kebab case': {
    rule: tree.namesAreKebabCase,
    bad: [[core('memoryStore.ts', '')], [core('Guard.ts', '')]],
    good: [core('memory-store.test.ts', ''), core('hosts.test.kit.ts', ''), core('crc32.ts', '')],
  },
  'nothing knows a machine’s paths': {
    rule: tree.noMachinePaths,
    bad: [
      [file('README.md', `see ${['', 'home', 'ada', 'latchkey'].join('/')}`)],
      [file('scripts/x.mjs', `open('${['', 'Users', 'ada'].join('/')}')`)],
    ],
    good: [file('README.md', 'GET /users/7, GET https://api.example/home/page, ./work/notes')],
  },
  'decisions are numbered and at most forty lines': {
    rule: tree.decisionsAreShort,
    bad: [[file('docs/adr/0001-a.md', 'x\n'.repeat(41))], [file('docs/adr/seam.md', 'x')]],
    good: [file('docs/adr/0001-a.md', 'x\n'.repeat(40)), file('docs/stores.md', 'x\n'.repeat(90))],
  },
  'files of adapters are under a hundred lines': {
    rule: code.adaptersAreThin,
    bad: [[file('packages/koa/src/index.ts', 'x()\n'.repeat(101))]],
    good: [file('packages/koa/src/index.ts', '// why\n\n/** what */\nx()\n'.repeat(100))],
  },
  'adapters decide nothing': {
    rule: code.adaptersDecideNothing,
    bad: [
      [file('packages/express/src/index.ts', 'res.status(409)')],
      [file('packages/koa/src/index.ts', `ctx.set('Retry-After', value)`)],
      [file('packages/hono/src/index.ts', `c.header('idempotency-key')`)],
    ],
    good: [
      file('packages/express/src/index.ts', `import { x } from 'link'; res.status(reply.status); list[0]; on('close')`),
      file('packages/node/src/reply.ts', 'res.statusCode = 204'),
    ],
  },
  'Math.random appears nowhere': {
    rule: code.noMathRandom,
    bad: [[file('test/x.test.ts', 'const id = Math.random()')], [file('examples/koa/src/a.ts', 'f(Math.random)')]],
    good: [file('test/x.test.ts', '// never Math.random\nconst text = "Math.random"')],
  },
  'secrets are not compared by an operator': {
    rule: code.secretsAreNotComparedByOperator,
    bad: [
      [core('signature/verify.ts', 'if (signature === expected) pass()')],
      [core('api-key/verify.ts', 'const ok = record.digest !== computed')],
      [core('signature/verify.ts', 'const ok = other == clientSecret')],
    ],
    good: [
      core(
        'signature/verify.ts',
        `if (secret === undefined || typeof secret === 'string' || digest.length === 32 || isSharedSecret === isKnown) pass()`,
      ),
    ],
  },
  'modules do nothing on import and keep nothing': {
    rule: code.modulesAreInert,
    bad: [
      [core('secrets/token.ts', 'let pool = 0')],
      [core('secrets/token.ts', 'const cache = new WeakMap<object, string>()')],
      [core('secrets/token.ts', 'setInterval(sweep, 1000)')],
      [file('packages/stores/src/sqlite/index.ts', `const driver = await import('libsql')`)],
    ],
    good: [
      core('secrets/token.ts', 'const names = new Set([1, 2])\nexport const load = async () => await fetch(url)'),
      core('secrets/token.test.ts', 'let count = 0'),
    ],
  },
  'core’s index.ts only exports': {
    rule: code.coreIndexOnlyExports,
    bad: [[core('index.ts', 'export const version = 1')]],
    good: [core('index.ts', `export * from './guard.js'\nexport type { Store } from './stores/store.js'`)],
  },
}

describe.each(Object.entries(plants))('%s', (_, { rule, bad, good }) => {
  test.each(
    bad.map((sources) => [sources.map(({ path, text }) => `${path}: ${text.slice(0, 60)}`).join(' | '), sources]),
  )('refuses %s', (_name, sources) => {
    expect(rule(sources as Source[])).not.toEqual([])
  })

  test('lets what only looks alike pass', () => {
    expect(rule(good)).toEqual([])
  })
})

test('every rule has a planted violation', () => {
  const isRule = (value: unknown): value is dependency.Rule => typeof value === 'function'
  const rules = [code, dependency, tree].flatMap((module) => Object.values(module).filter(isRule))
  const planted = Object.values(plants).map(({ rule }) => rule)
  expect(rules.filter((rule) => !planted.includes(rule))).toEqual([])
})
