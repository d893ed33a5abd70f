import { randomBytes } from 'node:crypto'
import { type Store, StoreError } from '@latchkey/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { adapters } from '../lab/options.js'
import { canary, found, spellings } from './canary.js'
import { type Leaks, scan } from './scan.js'
import { type SinkName, type Sinks, sinkNames } from './sinks.js'
import { type ScannedStoreName, scannedStores } from './stores.js'

const none = Object.fromEntries(sinkNames.map((sink) => [sink, []]))
const stores = Object.keys(scannedStores) as ScannedStoreName[]

/** Every framework over memory, and every store on one of them; every framework over every store where that is asked for. */
const runs = adapters.flatMap((adapter, index) =>
  stores
    .filter((store, place) => process.env.LATCHKEY_LEAK_SCAN === 'all' || store === 'memory' || place === index + 1)
    .map((store) => [adapter, store] as const),
)

describe('a service with canaries for secrets', () => {
  for (const [adapter, store] of runs) {
    const { reason } = scannedStores[store]
    test.skipIf(reason !== undefined)(
      `no canary of a request gets out of ${adapter} over ${store}`,
      async () => {
        const { leaks, scanned } = await scan(adapter, store)
        expect(leaks).toEqual(none)
        for (const sink of sinkNames)
          if (sink !== 'console') expect(scanned.get(sink)?.length, sink).toBeGreaterThan(100)
      },
      60_000,
    )
  }
})

/** A leak into each sink, along the way that a fault of ours would take. */
const plants: Readonly<Record<SinkName, (secret: string, sinks: Sinks, store: Store) => unknown>> = {
  log: (secret, { log }) => log.trace({ deep: { in: [secret] } }),
  console: (secret) => process.stderr.write(Buffer.from(secret).toString('base64')),
  event: (secret, { observe }) => {
    const driver = new Error('driver', { cause: { hidden: secret } })
    observe({ type: 'api-key.store_failed', error: new StoreError('unavailable', 'none', { cause: driver }) } as never)
  },
  span: (secret, { sdk }) => sdk.tracer.startSpan('work').setAttribute('key', secret).end(),
  metric: (secret, { sdk }) => sdk.meters.getMeter('leaks').createCounter('keys').add(1, { key: secret }),
  problem: (secret, sinks) => sinks.add('problem', { text: encodeURIComponent(secret) }),
  object: (secret, sinks) => sinks.add('object', Object.defineProperty({}, 'secret', { value: secret })),
  error: (secret, sinks) => sinks.add('error', Object.assign(new Error('all is well'), { [Symbol('url')]: secret })),
  store: (subject, _, { tokens }) =>
    tokens.insert({ id: 'i'.repeat(43), subject, purpose: 'p', data: '{}' }, 60, false),
}

describe('the scan', () => {
  let leaks: Leaks
  beforeAll(async () => {
    const plant = async (sinks: Sinks, store: Store) => {
      const secrets = sinkNames.map((sink) => [sink, randomBytes(24).toString('base64url')] as const)
      for (const [sink, secret] of secrets) await plants[sink](secret, sinks, store)
      return secrets.map(([sink, secret]) => canary(`planted in ${sink}`, secret))
    }
    ;({ leaks } = await scan('express', 'SQLite', plant))
  })

  test.each(sinkNames)('a canary that is planted in %s is found', (sink) => {
    expect(leaks[sink]).toEqual([`planted in ${sink}`])
  })

  const text = 'key/+=% "quoted" \\ <&> A1b2C3d4'

  test.each(spellings(text).map((spelt, index) => [index, spelt] as const))(
    'knows spelling %i of a canary, with anything around it, in lines of any length',
    (_, spelt) => {
      const one = { name: 'one', needles: [text] }
      const other = canary('other', 'another canary than that one')
      expect(found(Buffer.from(`\0…${spelt}…`, 'latin1'), [one, other])).toEqual(['one'])
    },
  )

  test.each([0, 1, 2, 3, 4])('knows base64 of a canary behind %i other bytes', (before) => {
    const content = `${'x'.repeat(before)}${text}and more`
    for (const coding of ['base64', 'base64url'] as const) {
      expect(found(Buffer.from(Buffer.from(content).toString(coding)), [{ name: 'one', needles: [text] }])).toEqual([
        'one',
      ])
    }
  })

  test('finds either half of a canary, and bytes that are printed as numbers', () => {
    const whole = 'the first half. and the second half'
    expect(found(Buffer.from(whole.slice(0, 20)), [canary('one', whole)])).toEqual(['one'])
    expect(found(Buffer.from(whole.slice(-20)), [canary('one', whole)])).toEqual(['one'])
    expect(found(Buffer.from(`[ ${[...Buffer.from(whole)].join(',\n  ')} ]`), [canary('one', whole)])).toEqual(['one'])
  })
})
