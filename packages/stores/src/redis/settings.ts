import { ConfigurationError, type Observe } from '@latchkey/core'
import type { RedisStoreEvent } from './check.js'
import { linkTo } from './client.js'
import type { RedisStoreOptions } from './index.js'
import type { Link } from './link.js'
import { Replicas } from './replicas.js'

/** Options that have been checked, with their defaults. */
export interface RedisSettings {
  readonly link: Link
  /** What stands for the connection on which changes of keys are heard. */
  readonly subscriber: unknown
  readonly keyPrefix: string
  readonly operationTimeoutSeconds: number
  readonly maxPendingOperations: number
  readonly replicas: Replicas | undefined
  readonly observe: Observe<RedisStoreEvent> | undefined
}

const optionNames: readonly string[] = [
  'client',
  'subscriber',
  'keyPrefix',
  'operationTimeoutSeconds',
  'maxPendingOperations',
  'replicas',
  'observe',
]

/** @throws `ConfigurationError` where an option does not fit. */
export function redisSettings(options: RedisStoreOptions): RedisSettings {
  refuseOthers(options, optionNames, '')
  const { client, keyPrefix = 'latchkey:', operationTimeoutSeconds = 5, maxPendingOperations = 10_000 } = options ?? {}
  const { subscriber = client, observe } = options ?? {}
  if (typeof keyPrefix !== 'string' || !/^[!-z|~]{1,100}$/.test(keyPrefix)) {
    throw invalid('keyPrefix', '1 to 100 characters of visible ASCII, no braces', keyPrefix)
  }
  if (!isSeconds(operationTimeoutSeconds, 60)) {
    throw invalid('operationTimeoutSeconds', 'a number from 0.01 to 60', operationTimeoutSeconds)
  }
  if (!isCount(maxPendingOperations, 1_000_000)) {
    throw invalid('maxPendingOperations', 'a whole number from 1 to 1000000', maxPendingOperations)
  }
  if (observe !== undefined && typeof observe !== 'function') throw invalid('observe', 'a function', observe)
  const link = linkTo(client)
  if (subscriber !== client) linkTo(subscriber, 'subscriber')
  const replicas = replicasOf(options, link)
  return { link, subscriber, keyPrefix, operationTimeoutSeconds, maxPendingOperations, replicas, observe }
}

function replicasOf({ replicas }: RedisStoreOptions, { together }: Link): Replicas | undefined {
  if (replicas === undefined) return undefined
  if (typeof replicas !== 'object' || replicas === null)
    throw invalid('replicas', '{ count, timeoutSeconds }', replicas)
  refuseOthers(replicas, ['count', 'timeoutSeconds'], 'replicas.')
  const { count, timeoutSeconds } = replicas
  if (!isCount(count, 100)) throw invalid('replicas.count', 'a whole number from 1 to 100', count)
  if (timeoutSeconds !== undefined && !isSeconds(timeoutSeconds, 10)) {
    throw invalid('replicas.timeoutSeconds', 'a number from 0.01 to 10', timeoutSeconds)
  }
  if (together === undefined) throw invalid('replicas', 'left out where "client" is a Cluster', replicas)
  return new Replicas(together, replicas)
}

function isSeconds(value: unknown, most: number): boolean {
  return typeof value === 'number' && value >= 0.01 && value <= most
}

function isCount(value: unknown, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= most
}

function refuseOthers(options: object, names: readonly string[], path: string): void {
  for (const name of Object.keys(options ?? {})) {
    if (!names.includes(name)) {
      throw new ConfigurationError('invalid-option', `redisStore: there is no option "${path}${name}"`)
    }
  }
}

function invalid(name: string, expected: string, value: unknown): ConfigurationError {
  const came = typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value
  return new ConfigurationError('invalid-option', `redisStore: "${name}" must be ${expected}, it is ${came}`)
}
