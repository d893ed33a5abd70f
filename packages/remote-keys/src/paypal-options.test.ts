import { ConfigurationError, memoryStore } from '@latchkey/core'
import { expect, test } from 'vitest'
import { privateKey } from './certificates.test.kit.js'
import { paypal } from './paypal.js'
import type { PaypalOptions } from './paypal-options.js'

const webhookId = '4JH86294D6297924G'

test.each<[string, object]>([
  ['webhookId', { webhookId: undefined }],
  ['webhookId', { webhookId: 'a|b' }],
  ['environment', { environment: 'test' }],
  ['maxAgeSeconds', { maxAgeSeconds: 0 }],
  ['roots', { roots: ['no certificate'] }],
  ['intermediates', { intermediates: [privateKey] }],
  ['keyHost', { keyHost: null }],
  ['keyHost', { keyHost: { timeoutSeconds: 0 } }],
  ['fetchTimeout', { keyHost: { fetchTimeout: 1 } }],
])('an impossible %s is refused', (name, wrong) => {
  const make = () => paypal({ webhookId, store: memoryStore(), ...wrong } as PaypalOptions)
  expect(make).toThrow(ConfigurationError)
  expect(make).toThrow(new RegExp(name))
})
