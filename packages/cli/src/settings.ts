import { existsSync, readFileSync } from 'node:fs'
import type { LegacyDigests } from '@latchkey/core'
import { type Command, Option } from 'commander'
import { usageError } from './exit-codes.js'
import { list } from './quantities.js'
import type { Io } from './session.js'

/** The options of a command that says what keys look like. */
export interface KeyOptions {
  readonly config?: string
  readonly prefix?: string
  readonly environments?: readonly string[]
}

/** The options of a command that works on a store. */
export interface StoreOptions extends KeyOptions {
  readonly store?: string
  readonly schema?: string
  readonly keyPrefix?: string
  readonly peppersFile?: string
}

/** What stands in a configuration file. */
interface Configuration {
  readonly store?: string
  /** Of the tables in Postgres. */
  readonly schema?: string
  /** Of the names of keys in Redis. */
  readonly keyPrefix?: string
  readonly prefix?: string
  readonly formerPrefixes?: readonly string[]
  readonly environments?: readonly string[]
  readonly legacy?: readonly { readonly name: string; readonly pattern: string }[]
}

/** Settings with the defaults filled in: options before the environment before the file. */
export interface Settings extends Omit<Configuration, 'legacy'> {
  readonly file: string | undefined
  /** Whether anybody has said so. */
  readonly isPrefixGiven: boolean
  readonly prefix: string
  readonly formerPrefixes: readonly string[]
  readonly legacy: readonly LegacyDigests[]
}

const defaultConfigFile = 'latchkey.config.json'

/** What the examples in all documents use. */
export const defaultPrefix = 'acme'

/** Adds what says how keys look. */
export function withKeySettings(command: Command): Command {
  return command
    .addOption(new Option('--prefix <prefix>', `what new keys begin with (LATCHKEY_PREFIX; default: ${defaultPrefix})`))
    .addOption(
      new Option(
        '--environments <names>',
        'what keys can be for (LATCHKEY_ENVIRONMENTS; default: live,test)',
      ).argParser(list),
    )
    .option(
      '--config <file>',
      `a JSON file with settings (LATCHKEY_CONFIG; default: ${defaultConfigFile}, where there is one)`,
    )
}

/** Adds what says where the store is. */
export function withStoreSettings(command: Command): Command {
  return withKeySettings(
    command.option(
      '--store <url>',
      'sqlite:<file>, redis://…, rediss://…, postgres://… (LATCHKEY_STORE, where a password is safer)',
    ),
  )
    .option('--schema <name>', 'of Postgres: the schema of the tables (default: public)')
    .option('--key-prefix <text>', 'of Redis: what the names of keys begin with (default: latchkey:)')
    .option(
      '--peppers-file <file>',
      'a JSON file with peppers, - for standard input (or LATCHKEY_PEPPERS with the JSON itself)',
    )
}

/** @throws CommandError where a file or a variable does not fit. */
export function settingsFrom(options: StoreOptions, { env }: Pick<Io, 'env'>): Settings {
  const file = options.config ?? env.LATCHKEY_CONFIG ?? (existsSync(defaultConfigFile) ? defaultConfigFile : undefined)
  const configured = file === undefined ? {} : configurationFrom(file)
  const { LATCHKEY_ENVIRONMENTS: names } = env
  const given = options.prefix ?? nonEmpty(env.LATCHKEY_PREFIX) ?? configured.prefix
  const found = {
    store: options.store ?? nonEmpty(env.LATCHKEY_STORE) ?? configured.store,
    schema: options.schema ?? configured.schema,
    keyPrefix: options.keyPrefix ?? configured.keyPrefix,
    environments:
      options.environments ?? (nonEmpty(names) === undefined ? undefined : list(names!)) ?? configured.environments,
  }
  const known = Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
  return {
    ...known,
    file,
    isPrefixGiven: given !== undefined,
    prefix: given ?? defaultPrefix,
    formerPrefixes: configured.formerPrefixes ?? [],
    legacy: (configured.legacy ?? []).map(({ name, pattern }) => ({ name, pattern: expression(pattern, file!) })),
  }
}

type Test = readonly [rule: string, test: (value: unknown) => boolean]

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText)
const text: Test = ['a text', isText]
const texts: Test = ['a list of texts', isTexts]

const rules: Readonly<Record<keyof Configuration, Test>> = {
  store: text,
  schema: text,
  keyPrefix: text,
  prefix: text,
  formerPrefixes: texts,
  environments: texts,
  legacy: ['a list of { "name", "pattern" }', (value) => Array.isArray(value) && value.every(isLegacy)],
}

function isLegacy(value: unknown): boolean {
  const { name, pattern } = (value ?? {}) as { name?: unknown; pattern?: unknown }
  return isText(name) && isText(pattern)
}

/** What stands in a file, checked by name and kind; what the values may be is checked where they are used. */
function configurationFrom(file: string): Configuration {
  const value = jsonFrom(file, readFileSync(file, 'utf8'))
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw usageError(`${file} must hold an object`)
  for (const [name, setting] of Object.entries(value)) {
    if (name === '$schema') continue
    const rule = Object.hasOwn(rules, name) ? rules[name as keyof Configuration] : undefined
    if (rule === undefined) {
      throw usageError(`${file}: there is no setting "${name}"; there are ${Object.keys(rules).join(', ')}`)
    }
    if (!rule[1](setting)) throw usageError(`${file}: "${name}" must be ${rule[0]}`)
  }
  return value as Configuration
}

/** The complaint of a parser quotes what it read, which may be secret: it is not passed on. */
export function jsonFrom(name: string, content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw usageError(`${name} must be JSON, and is not`)
  }
}

function expression(source: string, file: string): RegExp {
  try {
    return new RegExp(source)
  } catch {
    throw usageError(`${file}: a "pattern" of "legacy" must be a regular expression`)
  }
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}
