import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import type { ApiKeysOptions } from '../api-keys-options.js'
import { LifeRig } from '../lifecycle/life-rig.js'
import type { LegacyKeys, LegacyVerifier } from './legacy-keys.js'

const pattern = /^sk_[0-9a-f]{40}$/
const legacy: readonly LegacyKeys[] = [{ name: 'sk', pattern }]
const custom: LegacyVerifier = { name: 'own', pattern, lookupId: () => 'a', verify: () => true, decoy: '' }

describe('legacy keys that stop the start', () => {
  const pepper = (name: number) => [`p${name}`, 'p'.repeat(32)] as const
  const many = { current: 'p1', secrets: Object.fromEntries([1, 2, 3, 4, 5, 6, 7, 8].map(pepper)) }
  test.each<[string, unknown]>([
    ['no list', { legacy: {} }],
    ['no name', { legacy: [{ pattern }] }],
    ['a name that is none', { legacy: [{ name: 'SK', pattern }] }],
    ['a pattern that is a text', { legacy: [{ name: 'sk', pattern: 'sk' }] }],
    ['nothing', { legacy: [null] }],
    ['a verifier without a lookup', { legacy: [{ ...custom, lookupId: undefined }] }],
    ['a verifier without a decoy', { legacy: [{ name: 'a', pattern, lookupId: () => '', verify: () => true }] }],
    ['two of one name', { legacy: [...legacy, { ...custom, name: 'sk' }] }],
    ['a misspelt option', { legacy: [{ name: 'sk', patern: pattern, pattern }] }],
    ['more peppers than a read has lookups', { legacy, peppers: many }],
  ])('%s', (_, options) => {
    expect(() => new LifeRig(options as Partial<ApiKeysOptions>)).toThrow(ConfigurationError)
  })
})
