import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { parse, repository, type Source, visit } from '../architecture/source.js'

/** Which page documents which interface, and under which heading. */
const documented = [
  {
    page: 'docs/idempotency.md',
    heading: 'Options',
    file: 'core/src/idempotency/options.ts',
    name: 'IdempotencyOptions',
  },
  {
    page: 'docs/api-keys.md',
    heading: 'Options of apiKeys',
    file: 'core/src/api-key/api-keys-options.ts',
    name: 'ApiKeysOptions',
  },
  {
    page: 'docs/api-keys.md',
    heading: 'Options of cache',
    file: 'core/src/api-key/api-keys-options.ts',
    name: 'ApiKeyCacheOptions',
  },
  {
    page: 'docs/api-keys.md',
    heading: 'Options of issue',
    file: 'core/src/api-key/lifecycle/new-api-key.ts',
    name: 'NewApiKey',
  },
  {
    page: 'docs/api-keys.md',
    heading: 'Options of apiKey',
    file: 'core/src/api-key/guard-options.ts',
    name: 'ApiKeyOptions',
  },
  {
    page: 'docs/leaks.md',
    heading: 'Options of githubSecretScanning',
    file: 'core/src/api-key/leaks/secret-scanning-options.ts',
    name: 'GithubSecretScanningOptions',
  },
  {
    page: 'docs/management.md',
    heading: 'Options of keyManagement',
    file: 'management/src/management-options.ts',
    name: 'KeyManagementOptions',
  },
  {
    page: 'docs/management.md',
    heading: 'What authorize gives',
    file: 'management/src/authority.ts',
    name: 'ManagementAuthority',
  },
  {
    page: 'docs/signatures.md',
    heading: 'Options',
    file: 'core/src/signature/signature-options.ts',
    name: 'SignatureOptions',
  },
  {
    page: 'docs/http-message-signatures.md',
    heading: 'Policy',
    file: 'http-signatures/src/policy.ts',
    name: 'HttpSignaturePolicy',
  },
  {
    page: 'docs/http-message-signatures.md',
    heading: 'Options of httpSignature',
    file: 'http-signatures/src/guard-options.ts',
    name: 'HttpSignatureOptions',
  },
  {
    page: 'docs/http-message-signatures.md',
    heading: 'Options of jwks',
    file: 'remote-keys/src/remote-jwks.ts',
    name: 'RemoteJwksOptions',
  },
  {
    page: 'docs/remote-keys.md',
    heading: 'Options of paypal',
    file: 'remote-keys/src/paypal-options.ts',
    name: 'PaypalRules',
  },
  { page: 'docs/remote-keys.md', heading: 'Options of sns', file: 'remote-keys/src/sns-options.ts', name: 'SnsRules' },
  { page: 'docs/remote-keys.md', heading: 'Options of plaid', file: 'remote-keys/src/plaid.ts', name: 'PlaidRules' },
  {
    page: 'docs/remote-keys.md',
    heading: 'Options of jwtSignature',
    file: 'remote-keys/src/jwt-options.ts',
    name: 'JwtSignatureRules',
  },
  {
    page: 'docs/remote-keys.md',
    heading: 'Options of keyHost',
    file: 'remote-keys/src/key-host-options.ts',
    name: 'KeyHostOptions',
  },
  {
    page: 'docs/one-time-tokens.md',
    heading: 'Options of oneTimeTokens',
    file: 'core/src/secrets/one-time-tokens-options.ts',
    name: 'OneTimeTokensOptions',
  },
  {
    page: 'docs/one-time-tokens.md',
    heading: 'Options of issue',
    file: 'core/src/secrets/one-time-tokens-options.ts',
    name: 'OneTimeTokenOptions',
  },
  {
    page: 'docs/stores.md',
    heading: 'Options of memoryStore',
    file: 'core/src/stores/memory.ts',
    name: 'MemoryStoreOptions',
  },
  {
    page: 'docs/stores.md',
    heading: 'Options of sqliteStore',
    file: 'stores/src/sqlite/index.ts',
    name: 'SqliteStoreOptions',
  },
  {
    page: 'docs/stores.md',
    heading: 'Options of redisStore',
    file: 'stores/src/redis/index.ts',
    name: 'RedisStoreOptions',
  },
  {
    page: 'docs/stores.md',
    heading: 'Options of postgresStore',
    file: 'stores/src/postgres/index.ts',
    name: 'PostgresStoreOptions',
  },
]

const sources = repository('.md', '.ts')
const sourceAt = (path: string) => sources.find((source) => source.path === path)!

/** The options of an interface in alphabetical order, each with what its docstring gives as the default. */
function optionsOf(source: Source, name: string): string[] {
  const options: string[] = []
  visit(parse(source), (node) => {
    if (!ts.isInterfaceDeclaration(node) || node.name.text !== name) return
    for (const member of node.members) {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'defaultValue')
      const value =
        ts.getTextOfJSDocComment(tag?.comment)?.replaceAll('`', '') ?? (member.questionToken ? 'none' : 'required')
      options.push(`${member.name?.getText()}: ${value}`)
    }
  })
  return options.sort()
}

/** The rows of the table of options under a heading, written as `optionsOf` writes them. */
function rowsOf({ text }: Source, heading: string): string[] {
  const [, section] = text.split(`\n## ${heading}\n`)
  const rows = [...(section ?? '').split(/^## /m)[0]!.matchAll(/^\| `(\w+)` \| ([^|]+) \| \S.*\|$/gm)]
  return rows.map(([, option, value]) => `${option}: ${value!.trim().replaceAll('`', '')}`).sort()
}

describe.each(documented)('the options of $name', ({ page, heading, file, name }) => {
  test('are all in the table, with their defaults', () => {
    const options = optionsOf(sourceAt(`packages/${file}`), name)
    expect(options.length).toBeGreaterThan(1)
    expect(rowsOf(sourceAt(page), heading)).toEqual(options)
  })
})

test('a default that is not the one in the docstring is found', () => {
  const code = {
    path: 'a.ts',
    text: 'interface A {\n/** Says. @defaultValue `1` */\nb?: number\n/** Where. */\nc: string\n}',
  }
  const page = {
    path: 'a.md',
    text: '\n## Options\n\n| option | default | effect |\n|---|---|---|\n| `b` | `2` | Says |\n',
  }
  expect(optionsOf(code, 'A')).toEqual(['b: 1', 'c: required'])
  expect(rowsOf(page, 'Options')).toEqual(['b: 2'])
})
