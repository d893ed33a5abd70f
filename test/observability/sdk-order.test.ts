import { apiKeys, memoryStore, type Observe } from '@latchkey/core'
import { apiKeyAuth } from '@latchkey/express'
import { openTelemetry } from '@latchkey/opentelemetry'
import { context, metrics, trace } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import express from 'express'
import request from 'supertest'
import { afterEach, expect, test } from 'vitest'
import { type TelemetryRig, telemetryRig } from './telemetry-rig.js'

let rig: TelemetryRig | undefined
afterEach(async () => {
  metrics.disable()
  await rig?.close()
  rig = undefined
})

function app(observe: Observe<{ readonly type: string }>, handler: () => void = () => {}) {
  const keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const served = express().get('/', apiKeyAuth({ keys, observe }), (_req, res) => {
    handler()
    res.end('done')
  })
  return { served, key: async () => (await keys.issue({ ownerId: 'org_1' })).key }
}

test('the handler is in none of the spans', async () => {
  rig = telemetryRig()
  let active: unknown = 'not asked'
  const { served, key } = app(rig.observe, () => {
    active = trace.getSpan(context.active())
  })
  await request(served)
    .get('/')
    .auth(await key(), { type: 'bearer' })
    .expect(200)
  expect(active).toBeUndefined()
  expect(rig.spans().map(({ name }) => name)).toEqual(['latchkey.api_key.verify'])
})

test('spans can be left out', async () => {
  rig = telemetryRig({ spans: false })
  expect(rig.observe.around).toBeUndefined()
  await request(app(rig.observe).served).get('/').expect(401)
  expect(rig.spans()).toEqual([])
  expect((await rig.series()).join()).toContain('api-key-missing')
})

test('a provider that is registered after the guards were made gets every measurement, and Prometheus its names', async () => {
  const observe = openTelemetry()
  const { served } = app(observe)
  const exporter = new PrometheusExporter({ preventServerStart: true })
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }))
  await request(served).get('/').expect(401)
  await observe.store(memoryStore(), 'memory').keys.find('nobody')
  const scrape = express().get('/metrics', (req, res) => exporter.getMetricsRequestHandler(req, res))
  const { text } = await request(scrape).get('/metrics').expect(200)
  expect(text).toMatch(/^latchkey_api_key_verifications_total\{outcome="refused",error_type="api-key-missing".*\} 1$/m)
  expect(text).toMatch(/^latchkey_events_total\{latchkey_event="api-key.refused".*\} 1$/m)
  expect(text).toMatch(
    /^latchkey_store_operation_duration_count\{db_system_name="memory",db_operation_name="keys.find".*\} 1$/m,
  )
  await exporter.shutdown()
})

test('a meter that fails fails no request', async () => {
  const broken = {
    createCounter: () => {
      throw new Error('the meter fails')
    },
  }
  await request(app(openTelemetry({ meter: broken as never })).served)
    .get('/')
    .expect(401)
})

test('without an SDK nothing is measured, and nothing breaks', async () => {
  const observe = openTelemetry()
  const store = observe.store(memoryStore(), 'memory')
  const keys = apiKeys({ store, prefix: 'acme', observe })
  const { key } = await keys.issue({ ownerId: 'org_1' })
  const served = express().get('/', apiKeyAuth({ keys, observe }), (_req, res) => void res.end())
  await request(served).get('/').auth(key, { type: 'bearer' }).expect(200)
})
