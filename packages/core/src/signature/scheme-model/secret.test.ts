import { describe, expect, test } from 'vitest'
import { ConfigurationError } from '../../errors.js'
import { github } from '../schemes/github.js'
import { standardWebhooks } from '../schemes/standard-webhooks.js'
import { staticHeader } from '../schemes/static-header.js'
import { stripe } from '../schemes/stripe.js'
import { svix } from '../schemes/svix.js'
import type { SecretOptions } from './bound-scheme.js'

const base64 = (length: number) => Buffer.alloc(length, 7).toString('base64')
const none = undefined as unknown as string

describe('secrets that cannot be are refused at construction', () => {
  test.each<[string, () => unknown, RegExp]>([
    ['none given', () => github({} as SecretOptions), /github: "secrets" must be a list/],
    ['no options', () => github(none as unknown as SecretOptions), /must be an object/],
    ['an empty list', () => github({ secrets: [] }), /"secrets" must be a list/],
    ['a text', () => github({ secrets: 'abc' as unknown as string[] }), /"secrets" must be a list/],
    ['undefined in the list', () => github({ secrets: ['a', none] }), /secrets\[1\] must be a secret of github/],
    ['a hole in the list', () => github({ secrets: new Array(1) as string[] }), /secrets\[0\]/],
    ['null', () => stripe({ secrets: [null as unknown as string] }), /not null/],
    ['nothing', () => stripe({ secrets: [''] }), /a blank one/],
    ['blanks', () => stripe({ secrets: [' \t\n'] }), /a blank one/],
    ['no base64', () => standardWebhooks({ secrets: ['whsec_not base64!'] }), /cannot be decoded/],
    ['base64 cut off', () => standardWebhooks({ secrets: [`whsec_${base64(24)}A`] }), /cannot be decoded/],
    ['nothing after the prefix', () => standardWebhooks({ secrets: ['whsec_'] }), /cannot be decoded/],
    ['23 bytes', () => standardWebhooks({ secrets: [`whsec_${base64(23)}`] }), /24 to 64 bytes, not 23/],
    ['65 bytes', () => standardWebhooks({ secrets: [`whsec_${base64(65)}`] }), /24 to 64 bytes, not 65/],
    ['15 bytes for Svix', () => svix({ secrets: [`whsec_${base64(15)}`] }), /16 to 64 bytes, not 15/],
    ['a public key of 31 bytes', () => standardWebhooks({ secrets: [`whpk_${base64(31)}`] }), /32 bytes, not 31/],
    ['a signing key', () => standardWebhooks({ secrets: [`whsk_${base64(64)}`] }), /give the public key/],
    ['a static secret that no field carries', () => staticHeader({ header: 'x-a', secrets: ['é'] }), /visible ASCII/],
    [
      'a static secret with a blank at its end',
      () => staticHeader({ header: 'x-a', secrets: ['a '] }),
      /visible ASCII/,
    ],
    ['shorter than asked for', () => github({ secrets: ['short'], minimumSecretBytes: 6 }), /at least 6 bytes/],
    ['a word that is no option', () => github({ secret: 'abc' } as unknown as SecretOptions), /no option "secret"/],
    ['a legacy that there is none of', () => stripe({ secrets: ['a'], allowLegacy: 'sha1' }), /"allowLegacy" must be/],
    ['a field that is none', () => staticHeader({ header: 'x a', secrets: ['a'] }), /header field name/],
  ])('%s', (_, construct, message) => {
    expect(construct).toThrow(ConfigurationError)
    expect(construct).toThrow(message)
  })

  test('and no complaint shows a secret', () => {
    const canary = 'canary-4711'
    for (const secrets of [[`whsec_${canary}!`], `whsec_${canary}`, [{ canary }]]) {
      const construct = () => standardWebhooks({ secrets: secrets as string[] })
      expect(construct).toThrow(ConfigurationError)
      expect(construct).not.toThrow(canary)
    }
  })
})

describe('secrets that can be', () => {
  test.each<[string, () => unknown]>([
    ['24 bytes', () => standardWebhooks({ secrets: [`whsec_${base64(24)}`] })],
    ['64 bytes', () => standardWebhooks({ secrets: [`whsec_${base64(64)}`] })],
    ['without padding', () => standardWebhooks({ secrets: [`whsec_${base64(32).replace('=', '')}`] })],
    ['without prefix', () => standardWebhooks({ secrets: [base64(24)] })],
    ['as short as the provider likes', () => github({ secrets: ['x'] })],
    ['as long as was asked for', () => github({ secrets: ['longer'], minimumSecretBytes: 6 })],
    ['in bytes, not characters', () => github({ secrets: ['ééé'], minimumSecretBytes: 6 })],
  ])('%s', (_, construct) => {
    expect(construct).not.toThrow()
  })

  test('are nowhere to be seen in what carries them', async () => {
    const { inspect } = await import('node:util')
    const bound = github({ secrets: ['canary-4711'] })
    expect(inspect(bound, { depth: 9, showHidden: true })).not.toContain('canary')
    expect(JSON.stringify(bound)).not.toContain('canary')
  })
})
