import { ConfigurationError } from '@latchkey/core'
import { type RedisClient, type RedisStoreOptions, redisStore } from '@latchkey/stores/redis'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { describe, expect, test } from 'vitest'

const ioredis = () => new Redis({ lazyConnect: true })

const clients: Readonly<Record<string, () => RedisClient>> = {
  'Redis of ioredis': ioredis,
  'Cluster of ioredis': () => new Cluster([{ port: 1 }], { lazyConnect: true }),
  'createClient of redis': () => createClient(),
  'createClientPool of redis': () => createClientPool(),
  'createCluster of redis': () => createCluster({ rootNodes: [{ url: 'redis://127.0.0.1:1' }] }),
}

describe('a client that fits is taken without a connection', () => {
  test.each(Object.entries(clients))('%s', (_, make) => {
    const parts = ['keys', 'rates', 'idempotency', 'replay', 'tokens', 'check', 'close']
    expect(Object.keys(redisStore({ client: make() })).sort()).toEqual(parts.sort())
  })
})

const sentinel = () => createSentinel({ name: 'main', sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }] })

const misfits: Readonly<Record<string, readonly [make: () => unknown, came: string]>> = {
  'nothing at all': [() => undefined, 'it is undefined'],
  null: [() => null, 'it is null'],
  'a URL': [() => 'redis://localhost', 'it is string'],
  'a promise of a client': [() => Promise.resolve(ioredis()), 'class Promise'],
  'a pipeline of ioredis': [() => ioredis().pipeline(), 'a part of a client'],
  'a client that never answers for what it has lost': [
    () => new Redis({ lazyConnect: true, autoResendUnfulfilledCommands: false }),
    'must have a commandTimeout',
  ],
  'a transaction of redis': [() => createClient().multi(), 'a part of a client'],
  'a sentinel of redis': [sentinel, 'a sentinel client'],
  'redis before its version 5': [() => ({ sendCommand() {}, connect() {} }), 'of an older version'],
  'a client of something else': [() => new Map(), 'class Map'],
  'an object without a class': [() => Object.create(null), '(none)'],
}

describe('a client that does not fit is refused by what it is', () => {
  test.each(Object.entries(misfits))('%s', (_, [make, came]) => {
    const construct = () => redisStore({ client: make() as RedisClient })
    expect(construct).toThrow(ConfigurationError)
    expect(construct).toThrow(came)
  })
})

const wrong: readonly (readonly [option: string, value: unknown])[] = [
  ['keyPrefix', ''],
  ['keyPrefix', 'a b'],
  ['keyPrefix', '{tag}'],
  ['keyPrefix', 'x'.repeat(101)],
  ['keyPrefix', 1],
  ['maxPendingOperations', 0],
  ['maxPendingOperations', 1.5],
  ['operationTimeoutSeconds', 0],
  ['operationTimeoutSeconds', Number.NaN],
  ['operationTimeoutSeconds', 61],
  ['replicas', 1],
  ['replicas', null],
  ['observe', 'console'],
  ['keyprefix', 'misspelt'],
]

describe('an option that is wrong is refused by its name', () => {
  test.each(wrong)('%s: %j', (name, value) => {
    const construct = () => redisStore({ client: ioredis(), [name]: value } as RedisStoreOptions)
    expect(construct).toThrow(ConfigurationError)
    expect(construct).toThrow(`"${name}"`)
  })

  test.each<[option: string, replicas: object]>([
    ['count', {}],
    ['count', { count: 0 }],
    ['count', { count: 1.5 }],
    ['timeoutSeconds', { count: 1, timeoutSeconds: 0 }],
    ['timeoutSeconds', { count: 1, timeoutSeconds: 11 }],
    ['milliseconds', { count: 1, milliseconds: 500 }],
  ])('replicas.%s: %j', (name, replicas) => {
    const construct = () => redisStore({ client: ioredis(), replicas } as RedisStoreOptions)
    expect(construct).toThrow(ConfigurationError)
    expect(construct).toThrow(`"replicas.${name}"`)
  })
})

test.each(Object.entries(clients))('replicas can be waited for by %s, unless it is a Cluster', (name, make) => {
  const construct = () => redisStore({ client: make(), replicas: { count: 1 } })
  if (name.toLowerCase().includes('cluster')) expect(construct).toThrow('"replicas" must be left out')
  else expect(construct).not.toThrow()
})
