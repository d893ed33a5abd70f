import {
  apiKey,
  apiKeys,
  defineScheme,
  type Guard,
  grantLedger,
  idempotency,
  memoryStore,
  sequence,
  signature,
  staticHeader,
} from '@latchkey/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TelemetryRig, telemetryRig } from './telemetry-rig.js'

let rig: TelemetryRig
beforeAll(() => {
  rig = telemetryRig({ schemes: ['ours'] })
})
afterAll(() => rig.close())

/** The names of the series: what a database of metrics keeps an entry for. */
async function series(): Promise<string[]> {
  return (await rig.series()).map((line) => line.slice(0, line.lastIndexOf(' ')))
}

/** One request through guards, without a host: 10,000 of them are the point here, and not sockets. */
async function visit<Grant>(
  guard: Guard<Grant>,
  path: string,
  fields: Record<string, string>,
  body = '',
): Promise<void> {
  const verdict = await guard(
    {
      method: 'POST',
      url: `https://api.example${path}`,
      headers: { get: (name) => fields[name] ?? null, count: (name) => (name in fields ? 1 : 0) },
      remoteAddress: '192.0.2.1',
      body: async () => new TextEncoder().encode(body),
    },
    grantLedger(),
  )
  if (verdict.kind === 'pass') await verdict.capture?.settle({ status: 201, headers: [], body: new Uint8Array() })
}

test('10,000 callers, keys, paths and tenants make as many series as ten', { timeout: 120_000 }, async () => {
  const { observe } = rig
  const store = observe.store(memoryStore(), 'memory')
  const keys = apiKeys({ store, prefix: 'acme', observe })
  const charges = sequence({
    apiKey: apiKey({ keys, observe }),
    once: idempotency({ store, scope: 'caller', observe }),
  })
  const charge = async (index: number) => {
    const { key } = await keys.issue({ ownerId: `tenant-${index}`, name: `key ${index}` })
    const path = `/tenants/${index}/charges?${index}`
    const fields = { authorization: `Bearer ${key}`, 'idempotency-key': `key-${index}` }
    await visit(charges, path, fields)
    await visit(charges, path, fields)
    await visit(charges, path, fields, `${index}`)
    await visit(charges, path, { ...fields, authorization: `Bearer acme_live_${index}` })
    const scheme = defineScheme({ ...staticHeader.scheme, name: `tenant-${index}` })({ secrets: [`secret-${index}`] })
    await visit(signature({ scheme, replay: false, observe }), `/hooks/${index}`, {})
  }
  for (let index = 0; index < 10; index += 1) await charge(index)
  const afterTen = await series()
  expect(afterTen.length).toBeGreaterThan(10)
  for (let index = 10; index < 10_000; index += 1) await charge(index)
  expect(await series()).toEqual(afterTen)
  expect(afterTen.filter((line) => /tenant|acme|\/|\d{2}/.test(line))).toEqual([])
  expect(await rig.series()).toContain('latchkey.idempotency.requests{outcome="executed"} 10000')
})

test('a scheme of one’s own is told by its name where it was announced, and is custom otherwise', async () => {
  const { observe } = rig
  const refused = { type: 'signature.refused', code: 'signature-invalid', reason: 'missing' }
  observe({ ...refused, scheme: 'ours' } as never)
  observe({ ...refused, scheme: 'theirs' } as never)
  const counted = (await series()).filter((line) => line.startsWith('latchkey.webhook'))
  const of = (provider: string) =>
    `latchkey.webhook.verifications{error.type="signature-invalid",outcome="refused",provider="${provider}"}`
  expect(counted).toContain(of('ours'))
  expect(counted).toContain(of('custom'))
  expect(counted.join()).not.toContain('theirs')
})

test('an event, a code or an error that is not Latchkey’s makes no series of its own', async () => {
  const before = await series()
  rig.observe({ type: 'somebody.else' })
  rig.observe({ type: 'api-key.refused', code: 'made-up', reason: 'made-up' } as never)
  rig.observe({ type: 'idempotency.refused', code: 'made-up' } as never)
  const added = (await series()).filter((line) => !before.includes(line))
  expect(added.join()).not.toContain('made-up')
  expect(added.filter((line) => !line.startsWith('latchkey.events'))).toEqual([
    'latchkey.api_key.verifications{outcome="refused"}',
    'latchkey.idempotency.requests{outcome="invalid"}',
  ])
})
