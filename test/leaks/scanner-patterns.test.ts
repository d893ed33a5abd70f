import { apiKeys, memoryStore, scannerPatterns } from '@latchkey/core'
import { RE2 } from 're2-wasm'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'

const keys = apiKeys({ store: memoryStore(), prefix: 'acme', formerPrefixes: ['ac_me'] })
const { key } = await keys.issue({ ownerId: 'org_1' })
const former = key.replace('acme', 'ac_me')
const id = key.slice(10, 22)
const patterns = scannerPatterns(keys)

/** What there is to find. */
const leaks = {
  'in an environment file': `API_KEY=${key}\n`,
  'in quotes': `const key = "${key}"`,
  'in JSON': JSON.stringify({ key }),
  'behind an escape': JSON.stringify(`first\n${key}`),
  'in a URL': `https://a.test/?key=${key}&page=2`,
  'in an encoded URL': `https://a.test/?next=%2F%3Fkey%3D${key}%26page%3D2`,
  'in a header field': `Authorization: Bearer ${key}`,
  alone: key,
  'at the end': `see ${key}`,
  'behind a name': `old_${key}`,
  'before a full stop': `It is ${key}.`,
  'under a former prefix': `'${former}'`,
}

const keyIn = (text: string) => (text.includes(key) ? key : former)

const noLeaks = {
  'the display form': `acme_live_${id}_…`,
  'a cut key': key.slice(0, -1),
  'a foreign prefix': key.replace('acme', 'acne'),
  'a key with a gap': `${key.slice(0, 40)} ${key.slice(40)}`,
  'an environment in capitals': key.replace('live', 'LIVE'),
}

/** Google's RE2 itself: gitleaks and TruffleHog match with its port in Go. */
const found = (regex: string, text: string) => new RE2(regex, 'u').exec(text)?.[0]

describe('the gitleaks rule', () => {
  const { rules } = parseToml(`[extend]\nuseDefault = true\n\n${patterns.gitleaks}`) as unknown as {
    rules: GitleaksRule[]
  }
  const rule = rules[0]!

  test('is one rule with the members that gitleaks knows, to append to a configuration', () => {
    expect(rules).toHaveLength(1)
    expect(Object.keys(rule).sort()).toEqual(['description', 'entropy', 'id', 'keywords', 'regex'])
    expect(rule).toMatchObject({ id: 'acme-api-key', keywords: ['ac_me_', 'acme_'] })
  })

  test.each(Object.entries(leaks))('finds a key %s', (_, text) => {
    expect(gitleaks(rule, text)).toBe(keyIn(text))
  })

  test.each(Object.entries(noLeaks))('does not take for a key %s', (_, text) => {
    expect(gitleaks(rule, text)).toBeUndefined()
  })

  test('does not take for a key what only fills the place of one', () => {
    const placeholder = `acme_live_${'x'.repeat(12)}_${'x'.repeat(49)}`
    expect(found(rule.regex, placeholder)).toBe(placeholder)
    expect(gitleaks(rule, placeholder)).toBeUndefined()
  })
})

describe('the fields of a custom pattern on GitHub', () => {
  const { beforeSecret, secretFormat, afterSecret } = patterns.github
  const whole = `(?:${beforeSecret})(${secretFormat})(?:${afterSecret})`
  const foundByGithub = (text: string) => new RE2(whole, 'u').exec(text)?.[1]

  test.each(Object.entries(leaks))('find a key %s', (_, text) => {
    expect(foundByGithub(text)).toBe(keyIn(text))
  })

  test.each(Object.entries({ ...noLeaks, 'a longer word': `x${key}`, 'a word that goes on': `${key}x` }))(
    'do not take for a key %s',
    (_, text) => {
      expect(foundByGithub(text)).toBeUndefined()
    },
  )
})

describe('the TruffleHog detector', () => {
  const { detectors } = parseYaml(patterns.truffleHog) as { detectors: TruffleHogDetector[] }

  test('is one detector with a name, keywords and one expression', () => {
    expect(detectors).toEqual([{ name: 'acme-api-key', keywords: ['ac_me_', 'acme_'], regex: { key: patterns.regex } }])
  })

  test.each(Object.entries(leaks))('finds a key %s', (_, text) => {
    const { keywords, regex } = detectors[0]!
    expect(keywords.some((keyword) => text.toLowerCase().includes(keyword))).toBe(true)
    expect(found(regex.key!, text)).toBe(keyIn(text))
  })
})

test.each(Object.entries(leaks))('the expression finds in JavaScript what it finds in RE2: a key %s', (_, text) => {
  expect(new RegExp(patterns.regex).exec(text)?.[0]).toBe(found(patterns.regex, text))
})

interface GitleaksRule {
  readonly regex: string
  readonly entropy: number
  readonly keywords: readonly string[]
}

interface TruffleHogDetector {
  readonly keywords: readonly string[]
  readonly regex: Readonly<Record<string, string>>
}

/** What gitleaks does with a rule without groups: a keyword in the text in lower case, the match, its entropy over the bound. */
function gitleaks({ regex, entropy, keywords }: GitleaksRule, text: string): string | undefined {
  if (!keywords.some((keyword) => text.toLowerCase().includes(keyword))) return undefined
  const match = found(regex, text)
  return match !== undefined && shannon(match) > entropy ? match : undefined
}

function shannon(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  return [...counts.values()].reduce((sum, count) => sum - (count / text.length) * Math.log2(count / text.length), 0)
}
