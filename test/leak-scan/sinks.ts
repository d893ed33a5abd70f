import { inspect } from 'node:util'
import { type Observe, observers } from '@latchkey/core'
import { openTelemetry, type Telemetry } from '@latchkey/opentelemetry'
import { pinoObserver, redactPaths } from '@latchkey/pino'
import { type Logger, pino } from 'pino'
import { type ReadableSpan, sdk } from '../observability/sdk.js'

/** Where something can get out. */
export const sinkNames = ['log', 'console', 'event', 'span', 'metric', 'problem', 'object', 'error', 'store'] as const

export type SinkName = (typeof sinkNames)[number]

/** All that a service lets out while it runs, and what of it stays behind. */
export interface Sinks {
  /** For every guard, and for keys and tokens. */
  readonly observe: Observe<{ readonly type: string }>
  readonly telemetry: Telemetry
  /** The application's own logger, which logs requests whole. */
  readonly log: Logger
  readonly sdk: ReturnType<typeof sdk>
  add(sink: SinkName, content: unknown): void
  /** What each has got. */
  contents(): Promise<ReadonlyMap<SinkName, Buffer>>
  close(): Promise<void>
}

/** Everything that can be printed of a value: as Node prints it, hidden members and causes too, as JSON, as text, with its stack. */
export function printed(value: unknown): Buffer {
  if (value instanceof Uint8Array) return Buffer.from(value)
  const whole = { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null, maxStringLength: null }
  const texts = [inspect(value, whole), json(value), String(value)]
  if (value instanceof Error) texts.push(value.stack ?? '', value.message)
  return Buffer.from(texts.join('\n'))
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

export function openSinks(): Sinks {
  const pieces = new Map<SinkName, Buffer[]>(sinkNames.map((name) => [name, []]))
  const add = (sink: SinkName, content: unknown) => void pieces.get(sink)!.push(printed(content))
  const log = pino(
    { level: 'trace', redact: redactPaths() },
    { write: (line: string) => add('log', Buffer.from(line)) },
  )
  const opened = sdk()
  const telemetry = openTelemetry({ meter: opened.meters.getMeter('leaks'), tracer: opened.tracer })
  const restore = hearConsole((text) => add('console', Buffer.from(text)))
  return {
    observe: observers(telemetry, pinoObserver(log), (event) => add('event', event)),
    telemetry,
    log,
    sdk: opened,
    add,
    contents: async () => {
      for (const span of opened.spans()) add('span', plain(span))
      add('metric', await opened.metrics())
      return new Map([...pieces].map(([name, parts]) => [name, Buffer.concat(parts)]))
    },
    close: async () => {
      restore()
      await opened.close()
    },
  }
}

/** What an exporter sends of a span. */
function plain({ name, attributes, events, status, links, resource }: ReadableSpan): unknown {
  return { name, attributes, events, status, links, resource: resource.attributes }
}

/** Hears what the process prints, by the console or past it; it is printed no more. */
function hearConsole(hear: (text: string) => void): () => void {
  const streams = [process.stdout, process.stderr]
  const writes = streams.map((stream) => stream.write)
  const methods = ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const
  const printers = methods.map((method) => console[method])
  for (const stream of streams) {
    stream.write = ((chunk: unknown) => {
      hear(String(chunk))
      return true
    }) as typeof stream.write
  }
  for (const method of methods)
    console[method] = (...parts: unknown[]) => hear(parts.map((part) => inspect(part)).join(' '))
  return () => {
    for (const [index, stream] of streams.entries()) stream.write = writes[index]!
    for (const [index, method] of methods.entries()) console[method] = printers[index]!
  }
}
