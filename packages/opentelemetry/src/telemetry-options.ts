import { ConfigurationError, OptionReader } from '@latchkey/core'
import { type Meter, metrics, type Tracer, trace } from '@opentelemetry/api'

/** Options of `openTelemetry`. */
export interface TelemetryOptions {
  /** Where measurements go. @defaultValue that of the registered provider, asked for with the first measurement */
  readonly meter?: Meter
  /** Where spans go. @defaultValue that of the registered provider */
  readonly tracer?: Tracer
  /** Whether spans are made at all. @defaultValue `true` */
  readonly spans?: boolean
  /**
   * Names of signature schemes of your own that may stand in `latchkey.webhook.provider` as they are: at most 100. Those that are no
   * preset and not here are counted together, as `custom`.
   *
   * @defaultValue none
   */
  readonly schemes?: readonly string[]
}

/** {@link TelemetryOptions}, checked and complete. */
export interface TelemetrySettings {
  /** A function: the metrics API hands out a meter that does nothing where it is asked before a provider is registered. */
  readonly meter: () => Meter
  readonly tracer: Tracer | undefined
  readonly schemes: readonly string[]
}

const scope = '@latchkey/opentelemetry'

/** @throws ConfigurationError naming the first option that does not fit. */
export function telemetrySettings(options: TelemetryOptions): TelemetrySettings {
  const read = new OptionReader('openTelemetry', options, Object.keys(known) as (keyof TelemetryOptions)[])
  const meter = read.optional('meter', 'a meter of @opentelemetry/api', isMeter)
  const tracer = read.optional('tracer', 'a tracer of @opentelemetry/api', isTracer)
  return {
    meter: () => meter ?? metrics.getMeter(scope),
    tracer: read.boolean('spans', true) ? (tracer ?? trace.getTracer(scope)) : undefined,
    schemes: read.optional('schemes', 'a list of at most 100 names of signature schemes', isSchemes) ?? [],
  }
}

const known = {
  meter: true,
  tracer: true,
  spans: true,
  schemes: true,
} as const satisfies Record<keyof TelemetryOptions, true>

function isMeter(value: unknown): value is Meter {
  return typeof (value as Partial<Meter> | null)?.createCounter === 'function'
}

function isTracer(value: unknown): value is Tracer {
  return typeof (value as Partial<Tracer> | null)?.startSpan === 'function'
}

function isSchemes(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 100 && value.every((name) => typeof name === 'string')
}

const systems = ['memory', 'sqlite', 'postgresql', 'redis'] as const

/** The engine behind a store, by the names of OpenTelemetry where it has one. */
export type DatabaseSystem = (typeof systems)[number] | 'other'

/** @throws ConfigurationError where `system` is none. */
export function databaseSystem(system: unknown): DatabaseSystem {
  const found = [...systems, 'other' as const].find((name) => name === system)
  if (found !== undefined) return found
  throw new ConfigurationError(
    'invalid-option',
    `openTelemetry: "system" of a store must be one of ${[...systems, 'other'].join(', ')}`,
  )
}
