import { OptionReader } from '../../option-reader.js'
import { isEnvironment, keyPatterns } from '../key/grammar.js'
import { type KeyPrefixes, readPrefixes } from './key-prefixes.js'

/** Which keys scanners look for, and what they call them. */
export interface ScannerPatternOptions {
  /** The environment, or environments, whose keys count: `'live'` where test keys may lie about. @defaultValue any */
  readonly environment?: string | readonly string[]
  /** What a finding is called: 1 to 64 of `[a-z0-9-]`. @defaultValue the first prefix and `-api-key` */
  readonly name?: string
}

/** One grammar in the words of several scanners. */
export interface ScannerPatterns {
  /** What a finding is called. */
  readonly name: string
  /** A whole key, anywhere, in the syntax that JavaScript, RE2 and Hyperscan share. */
  readonly regex: string
  /** A rule in TOML, to append to `.gitleaks.toml`. */
  readonly gitleaks: string
  /** The fields of a custom pattern on GitHub; for the partner program, `secretFormat` is the expression to send. */
  readonly github: {
    readonly secretFormat: string
    readonly beforeSecret: string
    readonly afterSecret: string
  }
  /** A custom detector in YAML, for `trufflehog --config`. */
  readonly truffleHog: string
}

/** Bits a character (Shannon). Placeholders, `acme_live_xxxxxxxxxxxx_xxx…`, are below it, and keys far above, at about 5. */
const leastEntropy = 2

/**
 * Patterns of keys for secret scanners. Any environment counts unless one is named, since keys of an environment stay valid
 * when it is taken out of the configuration.
 *
 * @example
 * ```ts
 * import { scannerPatterns } from '@latchkey/core'
 *
 * console.log(scannerPatterns({ prefixes: ['acme'] }).gitleaks)
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function scannerPatterns(keys: KeyPrefixes, options: ScannerPatternOptions = {}): ScannerPatterns {
  const prefixes = readPrefixes('scannerPatterns', keys)
  const read = new OptionReader('scannerPatterns', options, ['environment', 'name'])
  const environments = read.optional('environment', 'one or more names, 2 to 12 letters a to z each', isEnvironments)
  const name =
    read.optional('name', '1 to 64 of [a-z0-9-]', isName) ?? `${keys.prefixes[0]!.replaceAll('_', '-')}-api-key`
  const { environment, id, secret } = keyPatterns
  const where = environments === undefined ? environment : oneOf([environments].flat())
  const regex = `${oneOf(prefixes)}_${where}_${id}_${secret}`
  // Scanners look for these first, in lower case, and run the expression only where one of them is.
  const keywords = prefixes.map((prefix) => `${prefix}_`)
  return {
    name,
    regex,
    gitleaks: gitleaksRule(name, regex, keywords),
    github: {
      secretFormat: regex,
      // GitHub's defaults, and what escapes put in front of a key: `%3D` in a URL, `\n` in a string.
      beforeSecret: '\\A|[^0-9A-Za-z]|%[0-9A-Fa-f]{2}|\\\\[nrt]',
      afterSecret: '\\z|[^0-9A-Za-z]',
    },
    truffleHog: truffleHogDetector(name, regex, keywords),
  }
}

function gitleaksRule(name: string, regex: string, keywords: readonly string[]): string {
  return `[[rules]]
id = "${name}"
description = "An API key, which whoever reads it can use"
regex = '''${regex}'''
entropy = ${leastEntropy}
keywords = [${keywords.map((keyword) => `"${keyword}"`).join(', ')}]
`
}

function truffleHogDetector(name: string, regex: string, keywords: readonly string[]): string {
  return `detectors:
- name: ${name}
  keywords:
${keywords.map((keyword) => `  - ${keyword}\n`).join('')}  regex:
    key: '${regex}'
`
}

/** No name or prefix has a character that an expression would read as anything but itself. */
function oneOf(words: readonly string[]): string {
  return words.length === 1 ? words[0]! : `(?:${words.join('|')})`
}

function isEnvironments(value: unknown): value is string | readonly string[] {
  return Array.isArray(value) ? value.length > 0 && Array.from(value).every(isEnvironment) : isEnvironment(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z0-9-]{1,64}$/.test(value)
}
