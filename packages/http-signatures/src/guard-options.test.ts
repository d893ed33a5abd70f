import { ConfigurationError } from '@latchkey/core'
import { expect, test } from 'vitest'
import { httpSignature } from './guard.js'
import { options } from './guard.test.kit.js'
import type { HttpSignatureOptions } from './guard-options.js'
import { policy } from './message.test.kit.js'

test.each<[string, object]>([
  ['keys', { keys: undefined }],
  ['keys', { keys: 'secret' }],
  ['policy', { policy: undefined }],
  ['required', { policy: { ...policy, required: undefined } }],
  ['required', { policy: { ...policy, required: '@method' } }],
  ['required', { policy: { ...policy, required: ['Content-Digest'] } }],
  ['required', { policy: { ...policy, required: ['@method', '@method'] } }],
  ['required', { policy: { ...policy, required: ['@method;req'] } }],
  ['required', { policy: { ...policy, required: ['expires;tr'] } }],
  ['maxAgeSeconds', { policy: { ...policy, maxAgeSeconds: undefined } }],
  ['maxAgeSeconds', { policy: { ...policy, maxAgeSeconds: -1 } }],
  ['algorithms', { policy: { ...policy, algorithms: undefined } }],
  ['algorithms', { policy: { ...policy, algorithms: [] } }],
  ['algorithms', { policy: { ...policy, algorithms: ['rsa-sha1'] } }],
  ['labels', { policy: { ...policy, labels: [] } }],
  ['labels', { policy: { ...policy, labels: ['Sig1'] } }],
  ['tag', { policy: { ...policy, tag: '' } }],
  ['mode', { policy: { ...policy, mode: 'some' } }],
  ['nonce', { policy: { ...policy, nonce: true } }],
  ['maxAge', { policy: { ...policy, maxAge: 1 } }],
  ['publicOrigin', { publicOrigin: 'https://api.example.com/hooks' }],
  ['publicOrigin', { publicOrigin: 'api.example.com' }],
  ['fieldTypes', { fieldTypes: { a: 'map' } }],
  ['toleranceSeconds', { toleranceSeconds: 5 }],
])('an impossible %s is refused at construction: %j', (name, changed) => {
  expect(() => httpSignature({ ...options, ...changed } as HttpSignatureOptions)).toThrow(ConfigurationError)
  expect(() => httpSignature({ ...options, ...changed } as HttpSignatureOptions)).toThrow(new RegExp(name))
})
