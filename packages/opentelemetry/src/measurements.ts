import { type EventType, isEventType, type RefusalCode, refusals, signaturePresets, staticHeader } from '@latchkey/core'
import type { Attributes, Counter, Histogram } from '@opentelemetry/api'
import { membersOf, type ObservedEvent } from './observed-event.js'
import type { TelemetrySettings } from './telemetry-options.js'

/** How one operation of a store went. `errorType` is absent where it was answered. */
export interface StoreOperation {
  readonly system: string
  readonly operation: string
  readonly seconds: number
  readonly errorType: string | undefined
}

interface Instruments {
  readonly events: Counter
  readonly requests: Counter
  readonly leasesLost: Counter
  readonly apiKeys: Counter
  readonly webhooks: Counter
  readonly operations: Histogram
}

/** Bounds of the histogram, in seconds: a memory store answers within the first, and past the last every guard has given up. */
const boundaries = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What is counted and timed. */
export function measurements({ meter, schemes }: TelemetrySettings) {
  const providers = new Set([...Object.keys(signaturePresets), staticHeader.scheme.name, 'rfc9421', ...schemes])
  let made: Instruments | undefined
  const instruments = (): Instruments => {
    made ??= instrumentsOf(meter())
    return made
  }

  return {
    count: (event: ObservedEvent): void => {
      if (!isEventType(event.type)) return
      const { events, requests, leasesLost, apiKeys, webhooks } = instruments()
      const { type, code, scheme, attempt } = membersOf(event)
      events.add(1, { 'latchkey.event': type })
      const error: Attributes = code !== undefined && Object.hasOwn(refusals, code) ? { 'error.type': code } : {}
      switch (type) {
        case 'idempotency.claimed':
        case 'idempotency.replayed':
        case 'idempotency.bypassed':
          requests.add(1, { outcome: passed[type] })
          break
        case 'idempotency.refused':
          // A request whose handler has run is counted as executed.
          if (attempt === undefined) requests.add(1, { outcome: outcomeOf(code), ...error })
          break
        case 'idempotency.lease_lost':
          leasesLost.add(1)
          break
        case 'api-key.accepted':
          apiKeys.add(1, { outcome: 'accepted' })
          break
        case 'api-key.refused':
          apiKeys.add(1, { outcome: isFault(code) ? 'error' : 'refused', ...error })
          break
        case 'signature.verified':
          webhooks.add(1, { provider: providerOf(scheme, providers), outcome: 'verified' })
          break
        case 'signature.refused':
          webhooks.add(1, {
            provider: providerOf(scheme, providers),
            outcome: isFault(code) ? 'error' : 'refused',
            ...error,
          })
          break
        case 'signature.secrets_failed':
          webhooks.add(1, {
            provider: providerOf(scheme, providers),
            outcome: 'error',
            'error.type': 'signature-unavailable',
          })
      }
    },
    operation: ({ system, operation, seconds, errorType }: StoreOperation): void => {
      instruments().operations.record(seconds, {
        'db.system.name': system,
        'db.operation.name': operation,
        ...(errorType !== undefined && { 'error.type': errorType }),
      })
    },
  }
}

function instrumentsOf(meter: ReturnType<TelemetrySettings['meter']>): Instruments {
  const counter = (name: string, unit: string, description: string) => meter.createCounter(name, { unit, description })
  return {
    events: counter('latchkey.events', '{event}', 'What guards, keys and tokens tell their observers'),
    requests: counter(
      'latchkey.idempotency.requests',
      '{request}',
      'Requests with an idempotency key, by what became of them',
    ),
    leasesLost: counter('latchkey.idempotency.lease_lost', '{lease}', 'Requests that another attempt has overtaken'),
    apiKeys: counter('latchkey.api_key.verifications', '{verification}', 'Requests on which an API key was asked for'),
    webhooks: counter('latchkey.webhook.verifications', '{verification}', 'Messages whose signature was verified'),
    operations: meter.createHistogram('latchkey.store.operation.duration', {
      unit: 's',
      description: 'How long an operation of the store took',
      advice: { explicitBucketBoundaries: boundaries },
    }),
  }
}

const passed = {
  'idempotency.claimed': 'executed',
  'idempotency.replayed': 'replayed',
  'idempotency.bypassed': 'bypassed',
} as const satisfies Partial<Record<EventType, string>>

/** The outcome of a refused request; what the client sent wrong is `invalid`. */
function outcomeOf(code: RefusalCode | undefined): 'conflict' | 'mismatch' | 'error' | 'invalid' {
  switch (code) {
    case 'idempotency-in-progress':
    case 'idempotency-outcome-unknown':
    case 'idempotency-response-unavailable':
      return 'conflict'
    case 'idempotency-key-reused':
      return 'mismatch'
    default:
      return isFault(code) ? 'error' : 'invalid'
  }
}

/** Whether a refusal is none of the client's doing. */
export function isFault(code: RefusalCode | undefined): boolean {
  return code !== undefined && Object.hasOwn(refusals, code) && refusals[code].status === 503
}

function providerOf(scheme: string | undefined, known: ReadonlySet<string>): string {
  return scheme !== undefined && known.has(scheme) ? scheme : 'custom'
}
