import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { openTelemetry, type Telemetry, type TelemetryOptions } from '@latchkey/opentelemetry'
import { context, SpanKind, trace } from '@opentelemetry/api'
import { type ReadableSpan, sdk } from './sdk.js'

export interface TelemetryRig {
  readonly observe: Telemetry
  /** Every series as `instrument{attribute="value",…} number`, in alphabetical order; of a histogram the number of its values. */
  series(): Promise<string[]>
  /** Spans that have ended, the first one first. */
  spans(): readonly ReadableSpan[]
  /** Lets an HTTP server have a span around each of its requests, as an instrumentation of `node:http` does. */
  serve(server: Server): void
  close(): Promise<void>
}

/** An observer over the SDK of OpenTelemetry. */
export function telemetryRig(options: TelemetryOptions = {}): TelemetryRig {
  const { meters, tracer, spans, metrics, close } = sdk()
  return {
    observe: openTelemetry({ meter: meters.getMeter('test'), tracer, ...options }),
    series: async () =>
      (await metrics())
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => {
            const labels = Object.entries(attributes).map(([name, text]) => `${name}="${text}"`)
            const count = typeof value === 'number' ? value : (value as { count: number }).count
            return `${descriptor.name}{${labels.sort().join(',')}} ${count}`
          }),
        )
        .sort(),
    spans,
    serve: (server) => {
      const listeners = server.listeners('request') as RequestListener[]
      server.removeAllListeners('request')
      server.on('request', (req: IncomingMessage, res) => {
        const span = tracer.startSpan(`${req.method}`, { kind: SpanKind.SERVER })
        res.on('close', () => span.end())
        context.with(trace.setSpan(context.active(), span), () => {
          for (const listener of listeners) listener.call(server, req, res)
        })
      })
    },
    close,
  }
}
