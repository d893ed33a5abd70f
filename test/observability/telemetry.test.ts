import { SpanStatusCode } from '@opentelemetry/api'
import { afterEach, describe, expect, test } from 'vitest'
import { adapters } from '../lab/options.js'
import { type RunningLab, startLab } from '../lab/start.js'
import { type TelemetryRig, telemetryRig } from './telemetry-rig.js'
import { charge, delivery, everyOutcome, faults, send } from './visits.js'

let rig: TelemetryRig
let lab: RunningLab

async function start(adapter: (typeof adapters)[number]): Promise<void> {
  rig = telemetryRig()
  const { observe } = rig
  lab = await startLab({
    adapter,
    options: { apiKey: { observe }, idempotency: { observe }, signature: { observe } },
    seen: (store) => observe.store(store, 'memory'),
  })
  rig.serve(lab.server)
}

afterEach(async () => {
  await lab.close()
  await rig.close()
})

describe.each(adapters)('one observer on every guard of %s', (adapter) => {
  test('counts every outcome once', async () => {
    await start(adapter)
    await everyOutcome(lab)
    const counted = (await rig.series()).filter((line) => !/^latchkey\.(events|store)/.test(line))
    expect(counted).toEqual([
      'latchkey.api_key.verifications{error.type="api-key-missing",outcome="refused"} 1',
      'latchkey.api_key.verifications{error.type="api-key-revoked",outcome="refused"} 1',
      'latchkey.api_key.verifications{error.type="api-key-store-unavailable",outcome="error"} 1',
      'latchkey.api_key.verifications{outcome="accepted"} 7',
      'latchkey.idempotency.requests{error.type="idempotency-key-invalid",outcome="invalid"} 1',
      'latchkey.idempotency.requests{error.type="idempotency-key-reused",outcome="mismatch"} 1',
      'latchkey.idempotency.requests{error.type="idempotency-response-unavailable",outcome="conflict"} 1',
      'latchkey.idempotency.requests{error.type="idempotency-store-unavailable",outcome="error"} 1',
      'latchkey.idempotency.requests{outcome="executed"} 2',
      'latchkey.idempotency.requests{outcome="replayed"} 1',
      'latchkey.webhook.verifications{error.type="signature-invalid",outcome="refused",provider="github"} 1',
      'latchkey.webhook.verifications{outcome="verified",provider="github"} 3',
    ])
  })

  test('counts the events and times the operations of the store', async () => {
    await start(adapter)
    await everyOutcome(lab)
    const series = await rig.series()
    expect(series).toContain('latchkey.events{latchkey.event="signature.reserve_failed"} 1')
    expect(series).toContain('latchkey.events{latchkey.event="idempotency.settled"} 1')
    expect(series).toContain(
      'latchkey.store.operation.duration{db.operation.name="idempotency.settle",db.system.name="memory"} 1',
    )
    expect(series).toContain(
      'latchkey.store.operation.duration{db.operation.name="idempotency.claim",db.system.name="memory",error.type="unavailable"} 2',
    )
  })

  test('puts each piece of work and its store operations within spans, under the span of the request', async () => {
    await start(adapter)
    await send(lab, 'POST /idem/charge', charge(lab, 'k'))
    await lab.close()
    const spans = rig.spans()
    const parents = new Map(spans.map((span) => [span.spanContext().spanId, span.name]))
    const tree = spans.map(({ name, parentSpanContext: parent }) => `${parents.get(parent?.spanId ?? '')} > ${name}`)
    expect(tree.filter((line) => !line.endsWith('keys.touch'))).toEqual([
      'latchkey.api_key.verify > latchkey.store.keys.find',
      'POST > latchkey.api_key.verify',
      'latchkey.idempotency.claim > latchkey.store.idempotency.claim',
      'POST > latchkey.idempotency.claim',
      'latchkey.idempotency.settle > latchkey.store.idempotency.settle',
      'POST > latchkey.idempotency.settle',
      'undefined > POST',
    ])
  })

  test('tells a refusal, and its reason, to its own span and to that of the request', async () => {
    await start(adapter)
    const response = await send(lab, 'POST /hooks/github', delivery('another secret'))
    expect(response.status).toBe(401)
    await lab.close()
    const said = { 'error.type': 'signature-invalid', 'latchkey.reason': 'mismatch' }
    const [own, request] = rig.spans()
    expect(own).toMatchObject({ name: 'latchkey.signature.verify', attributes: said })
    expect(request).toMatchObject({ name: 'POST', attributes: said })
    expect(own?.status.code).toBe(SpanStatusCode.UNSET)
  })

  test('marks a store that fails as the error that it is, and tells nothing of its message', async () => {
    await start(adapter)
    await faults(lab, { claim: 'fail' })
    await send(lab, 'POST /idem/charge', charge(lab, 'k'))
    await lab.close()
    const failed = rig.spans().filter(({ status }) => status.code === SpanStatusCode.ERROR)
    expect(failed.map(({ name, attributes, events }) => [name, attributes['error.type'], events])).toEqual([
      // The guard asks once more.
      ['latchkey.store.idempotency.claim', 'unavailable', []],
      ['latchkey.store.idempotency.claim', 'unavailable', []],
      ['latchkey.idempotency.claim', 'idempotency-store-unavailable', []],
    ])
    expect(JSON.stringify(failed.map(({ status, attributes }) => [status, attributes]))).not.toContain('faultyStore')
  })
})
