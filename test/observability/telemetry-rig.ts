import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { openTelemetry, type Telemetry, type TelemetryOptions } from '@latchkey/opentelemetry'
import { context, type Span, SpanKind, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base'

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

/** The SDK of OpenTelemetry, with exporters in memory. One rig at a time: the context manager is the process's own. */
export function telemetryRig(options: TelemetryOptions = {}): TelemetryRig {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const meters = new MeterProvider({ readers: [reader] })
  const ended = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(ended)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const tracer = tracers.getTracer('test')
  return {
    observe: openTelemetry({ meter: meters.getMeter('test'), tracer, ...options }),
    series: async () => {
      await reader.forceFlush()
      const { metrics } = exporter.getMetrics().at(-1)!.scopeMetrics[0] ?? { metrics: [] }
      return metrics
        .flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => {
            const labels = Object.entries(attributes).map(([name, text]) => `${name}="${text}"`)
            const count = typeof value === 'number' ? value : (value as { count: number }).count
            return `${descriptor.name}{${labels.sort().join(',')}} ${count}`
          }),
        )
        .sort()
    },
    spans: () => ended.getFinishedSpans(),
    serve: (server) => {
      const listeners = server.listeners('request') as RequestListener[]
      server.removeAllListeners('request')
      server.on('request', (req: IncomingMessage, res) => {
        const span: Span = tracer.startSpan(`${req.method}`, { kind: SpanKind.SERVER })
        res.on('close', () => span.end())
        context.with(trace.setSpan(context.active(), span), () => {
          for (const listener of listeners) listener.call(server, req, res)
        })
      })
    },
    close: async () => {
      context.disable()
      await Promise.all([meters.shutdown(), tracers.shutdown()])
    },
  }
}
