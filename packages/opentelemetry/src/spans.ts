import { isEventType, isPromise, type ObservedWork, refusals } from '@latchkey/core'
import { context, createContextKey, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import { isFault } from './measurements.js'
import { membersOf, type ObservedEvent } from './observed-event.js'

/** The span that was active outside of ours: the server's own, most often. */
const outside = createContextKey('latchkey: the span outside')

/** A span around each piece of a guard's work; what comes after, the handler first of all, is outside of it. */
export function spansAround(tracer: Tracer) {
  return <T>(work: ObservedWork, run: () => T): T =>
    inSpan(tracer, `latchkey.${work.replaceAll('-', '_')}`, run, () => '_OTHER')
}

/**
 * Runs `run` in a span that ends with its answer.
 *
 * @param errorType what a fault is called. No exception is recorded: its message is not ours to tell.
 */
export function inSpan<T>(tracer: Tracer, name: string, run: () => T, errorType: (error: unknown) => string): T {
  const outer = trace.getActiveSpan()
  const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL })
  const fail = (error: unknown): void => {
    span.setAttribute('error.type', errorType(error)).setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }
  try {
    const within = trace.setSpan(context.active(), span).setValue(outside, outer)
    const answer = context.with(within, run)
    if (isPromise(answer)) answer.then(() => span.end(), fail)
    else span.end()
    return answer
  } catch (error) {
    fail(error)
    throw error
  }
}

/** What an event says of the request goes to the span that is active, and a refusal to the one outside of ours, too. */
export function annotate(event: ObservedEvent): void {
  const active = trace.getActiveSpan()
  if (active === undefined || !isEventType(event.type)) return
  const { code, reason, scheme, attempt } = membersOf(event)
  const outer = context.active().getValue(outside) as Span | undefined
  if (outer !== undefined && scheme !== undefined) active.setAttribute('latchkey.webhook.scheme', scheme)
  if (outer !== undefined && attempt !== undefined) active.setAttribute('latchkey.idempotency.attempt', attempt)
  if (code === undefined || !Object.hasOwn(refusals, code)) return
  for (const span of outer === undefined ? [active] : [active, outer]) {
    if (!span.isRecording()) continue
    span.setAttribute('error.type', code)
    // Why: for whoever runs the service. The client is not told.
    if (reason !== undefined) span.setAttribute('latchkey.reason', reason)
  }
  if (outer !== undefined && isFault(code)) active.setStatus({ code: SpanStatusCode.ERROR })
}
