import { context, type Tracer } from '@opentelemetry/api'
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

/** The SDK of OpenTelemetry, with exporters in memory. One at a time: the context manager is the process's own. */
export function sdk() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 })
  const meters = new MeterProvider({ readers: [reader] })
  const ended = new InMemorySpanExporter()
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(ended)] })
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  const tracer: Tracer = tracers.getTracer('test')
  return {
    meters,
    tracer,
    spans: (): readonly ReadableSpan[] => ended.getFinishedSpans(),
    /** What was exported last. */
    metrics: async () => {
      await reader.forceFlush()
      return exporter.getMetrics().at(-1)?.scopeMetrics[0]?.metrics ?? []
    },
    close: async () => {
      context.disable()
      await Promise.all([meters.shutdown(), tracers.shutdown()])
    },
  }
}

export type { ReadableSpan }
