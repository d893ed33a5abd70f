import { AssertionError } from 'node:assert'
import { adapterCases, runAdapterCase } from '@latchkey/conformance'
import { apiKey, idempotency, signature } from '@latchkey/core'
import { type Mounted, mount } from '@latchkey/express'
import express from 'express'
import { expect, it } from 'vitest'
import { type ExpressAdapter, expressLab } from '../lab/express.js'
import type { GuardSettings } from '../lab/options.js'
import { startLab } from '../lab/start.js'
import { type Flaw, flaws } from './flaws.js'

type Place = 'apiKey' | 'idempotency' | 'signature'

/** Each flaw with the guard that it befalls and the sentence that it breaks. */
const broken: ReadonlyArray<readonly [flaw: keyof typeof flaws, place: Place, sentence: string]> = [
  ['runsAfterRefusal', 'apiKey', 'a refused caller reaches neither the handler nor the store of replies'],
  ['losesFieldsOfThePass', 'apiKey', 'where the caller is known, caches are told on what the reply depends'],
  ['mixesCallersUp', 'apiKey', 'one key of two callers is two keys, and neither sees the reply of the other'],
  ['countsEachFieldOnce', 'apiKey', 'credentials: X-API-Key twice is ambiguous'],
  ['takesTheFirstField', 'apiKey', 'credentials: Authorization twice is ambiguous'],
  ['trustsTheOverriddenMethod', 'apiKey', 'a preflight passes, any other OPTIONS request does not'],
  ['settlesAfterSending', 'idempotency', 'replay: kind=json is answered twice and run once'],
  [
    'sendsItsOwnReplyAnyway',
    'idempotency',
    'an owner that lost its lease is told by the signal and never answers with its own result',
  ],
  ['losesHeaders', 'idempotency', 'replay: the fields of the first reply are kept, its cookies are not'],
  ['losesTheStatus', 'idempotency', 'replay: kind=redirect is answered twice and run once'],
  ['keepsHalfTheBody', 'idempotency', 'replay: kind=stream&bytes=100000 is answered twice and run once'],
  ['holdsEverythingBack', 'idempotency', 'an event stream reaches the client live and is not run again'],
  ['forgetsWhatItDidNotHold', 'idempotency', 'a reply that mints a secret is seen once'],
  ['takesTheLimitForTooMuch', 'idempotency', 'the limit of a reply is its last byte'],
  ['seesThePathBelowItsRouter', 'idempotency', 'fingerprint: another router matters'],
  ['takesTheFirstField', 'idempotency', 'keys: two fields are no key, not even when they agree'],
  ['readsTheFirstKilobyte', 'idempotency', 'fingerprint: one byte of many matters'],
  ['takesBodiesOfAnySize', 'idempotency', 'bodies: over 1 MiB is refused before the handler, and the key is free'],
  [
    'waitsForBodiesForEver',
    'idempotency',
    'bodies: slower than the limit is refused, nothing is claimed, and the key is free',
  ],
  [
    'runsAfterRefusal',
    'signature',
    'github: another body, another secret, a field left out or sent twice are refused alike',
  ],
  ['readsTextForBytes', 'signature', 'stripe: the handler reads the very bytes that were signed'],
  [
    'takesTheFirstField',
    'signature',
    'slack: another body, another secret, a field left out or sent twice are refused alike',
  ],
  ['neverTellsTheOutcome', 'signature', 'svix: a message that was handled is not handled again'],
  ['alwaysTellsSuccess', 'signature', 'standard-webhooks: after a failed handler the message is let in again'],
]

/** The true adapter, except that the guard at one place goes through the flaw. */
function adapterWith(flaw: Flaw, place: Place): ExpressAdapter {
  const through = <Name extends Place, G>(name: Name, guard: G): Mounted<Name, never> =>
    mount(name, (name === place ? flaw(guard as never) : guard) as never)
  return {
    apiKeyAuth: (options) => through('apiKey', apiKey(options)),
    idempotency: (options) => {
      const guard = idempotency(options)
      return Object.assign(through('idempotency', guard), { guard: Object.assign(guard, {}) })
    },
    verifySignature: (options) => through('signature', signature(options)),
  } as ExpressAdapter
}

it.each(broken)('an adapter that %s (%s) is found out: %s', async (flaw, place, sentence) => {
  const found = adapterCases.find(({ name }) => name === sentence)
  if (found === undefined) throw new Error(`no case is named: ${sentence}`)
  const options = (found.settings ?? {}) as GuardSettings
  const adapter = adapterWith(flaws[flaw], place)
  const lab = await startLab({ adapter: 'express', options }, (parts) => expressLab(parts, express, adapter))
  const given = runAdapterCase(found, lab)
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new AssertionError({ message: 'the case has not come to an end' })), 3000).unref()
  })
  await expect(Promise.race([given, late])).rejects.toThrow(AssertionError)
  await lab.close()
  await given.catch(() => {})
})
