import type { Observe } from '@latchkey/core'
import { measuredStore } from './measured-store.js'
import { measurements } from './measurements.js'
import type { ObservedEvent } from './observed-event.js'
import { annotate, spansAround } from './spans.js'
import { type DatabaseSystem, databaseSystem, type TelemetryOptions, telemetrySettings } from './telemetry-options.js'

/** An observer for every guard, `apiKeys` and `oneTimeTokens`: give it as their option `observe`. */
export interface Telemetry extends Observe<ObservedEvent> {
  /**
   * The store with each of its operations timed, and within a span where one is active: give it to the guards in the store's place.
   *
   * @param system the engine behind it: `memory`, `sqlite`, `postgresql`, `redis` or `other`.
   */
  store<Store extends object>(store: Store, system: DatabaseSystem): Store
}

/**
 * Metrics and spans of what Latchkey does. Every attribute of a metric has a closed set of values; no key, id, caller or path is
 * among them, and none is on a span.
 *
 * @example
 * ```ts
 * import { apiKey, apiKeys, idempotency, memoryStore } from '@latchkey/core'
 * import { openTelemetry } from '@latchkey/opentelemetry'
 *
 * const observe = openTelemetry()
 * const store = observe.store(memoryStore(), 'memory')
 * export const known = apiKey({ keys: apiKeys({ store, prefix: 'acme' }), observe })
 * export const once = idempotency({ store, scope: 'caller', observe })
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function openTelemetry(options: TelemetryOptions = {}): Telemetry {
  const settings = telemetrySettings(options)
  const { tracer } = settings
  const measured = measurements(settings)
  const observe = (event: ObservedEvent): void => {
    measured.count(event)
    if (tracer !== undefined) annotate(event)
  }
  const store = <Store extends object>(store: Store, system: DatabaseSystem): Store =>
    measuredStore(store, databaseSystem(system), measured.operation, tracer)
  return Object.assign(observe, { store, ...(tracer !== undefined && { around: spansAround(tracer) }) })
}

export type { ObservedEvent, TelemetryOptions }
