import {
  decorated,
  type HasIdempotencyStore,
  type HasKeyStore,
  type HasRateStore,
  type HasReplayStore,
  type HasTokenStore,
  isPromise,
  StoreError,
} from '@latchkey/core'
import { type Tracer, trace } from '@opentelemetry/api'
import type { StoreOperation } from './measurements.js'
import { inSpan } from './spans.js'
import type { DatabaseSystem } from './telemetry-options.js'

type Parts = HasKeyStore & HasRateStore & HasIdempotencyStore & HasReplayStore & HasTokenStore

/** What is timed, part by part: a closed list. `watch` is missing: it goes on for as long as the store is open. */
const operations: { readonly [Part in keyof Parts]: readonly (keyof Parts[Part])[] } = {
  idempotency: ['claim', 'renew', 'settle', 'release', 'tombstone', 'find', 'list', 'resolve'],
  keys: [
    'insert',
    'find',
    'findByLookup',
    'list',
    'update',
    'rotate',
    'shorten',
    'revoke',
    'revokeAll',
    'setDisabled',
    'remove',
    'touch',
    'rehash',
    'spend',
  ],
  rates: ['count'],
  replay: ['reserve', 'commit', 'release'],
  tokens: ['insert', 'consume', 'revokeAll'],
}

type Measure = (operation: StoreOperation) => void

/** The store with its operations timed. Everything else of it is as it was. */
export function measuredStore<Store extends object>(
  store: Store,
  system: DatabaseSystem,
  measure: Measure,
  tracer: Tracer | undefined,
): Store {
  const timed = (operation: string, run: () => unknown): unknown => {
    const traced = tracer !== undefined && trace.getActiveSpan() !== undefined
    const timedRun = () => timing(run, (seconds, errorType) => measure({ system, operation, seconds, errorType }))
    return traced ? inSpan(tracer, `latchkey.store.${operation}`, timedRun, errorTypeOf) : timedRun()
  }
  return decorated(store, (part, held) => {
    if (!Object.hasOwn(operations, part) || typeof held !== 'object' || held === null) return held
    const names: readonly string[] = operations[part as keyof Parts]
    return decorated(held, (name, method) => {
      if (!names.includes(name) || typeof method !== 'function') return method
      return (...args: unknown[]) => timed(`${part}.${name}`, () => method(...args))
    })
  })
}

function timing(run: () => unknown, done: (seconds: number, errorType: string | undefined) => void): unknown {
  const beganMs = performance.now()
  const seconds = () => (performance.now() - beganMs) / 1000
  try {
    const answer = run()
    if (!isPromise(answer)) {
      done(seconds(), undefined)
      return answer
    }
    answer.then(
      () => done(seconds(), undefined),
      (error: unknown) => done(seconds(), errorTypeOf(error)),
    )
    return answer
  } catch (error) {
    done(seconds(), errorTypeOf(error))
    throw error
  }
}

/** Closed: the faults of a store, and what OpenTelemetry calls anything else. */
function errorTypeOf(error: unknown): string {
  return error instanceof StoreError ? error.fault : '_OTHER'
}
