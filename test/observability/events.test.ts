import {
  type ApiKeyEvent,
  type ApiKeyLifecycleEvent,
  type EventType,
  eventSeverity,
  type IdempotencyEvent,
  memoryStore,
  type OneTimeTokenEvent,
  type SecretScanningEvent,
  type SignatureEvent,
} from '@latchkey/core'
import type { HttpSignatureEvent, JwksEvent } from '@latchkey/http-signatures'
import type { ManagementEvent } from '@latchkey/management'
import { openTelemetry } from '@latchkey/opentelemetry'
import type { KeyHostEvent, RemoteSignatureEvent } from '@latchkey/remote-keys'
import type { RedisStoreEvent } from '@latchkey/stores/redis'
import { expect, expectTypeOf, test } from 'vitest'
import { repository } from '../architecture/source.js'
import { telemetryRig } from './telemetry-rig.js'

type Told =
  | ApiKeyEvent
  | ApiKeyLifecycleEvent
  | IdempotencyEvent
  | SignatureEvent
  | HttpSignatureEvent
  | JwksEvent
  | KeyHostEvent
  | RemoteSignatureEvent
  | SecretScanningEvent
  | OneTimeTokenEvent
  | ManagementEvent
  | RedisStoreEvent

test('the table of severities has every event that is told, and no other', () => {
  expectTypeOf<EventType>().toEqualTypeOf<Told['type']>()
  const told = repository('.ts')
    .filter(({ path }) => /^packages\/[^/]+\/src\/(?!.*\.test\.)/.test(path))
    .flatMap(({ text }) => [...text.matchAll(/\btype: '([a-z-]+\.[a-z_]+)'/g)].map(([, type]) => type!))
  expect(told.length).toBeGreaterThan(40)
  expect([...new Set(told)].filter((type) => !Object.hasOwn(eventSeverity, type))).toEqual([])
})

test('every operation of a store is timed but `watch`, which goes on', async () => {
  const rig = telemetryRig()
  const store = memoryStore()
  const measured = rig.observe.store(store, 'memory')
  const called: string[] = []
  // `close` is the memory store's own.
  const untimed = ['watch', 'close']
  for (const part of ['keys', 'rates', 'idempotency', 'replay', 'tokens'] as const) {
    for (const name of Object.keys(measured[part])) {
      if (untimed.includes(name)) continue
      called.push(`${part}.${name}`)
      try {
        // What it makes of nothing does not matter here.
        await (measured[part] as unknown as Record<string, (of: object) => unknown>)[name]!({})
      } catch {}
    }
  }
  const timed = (await rig.series()).flatMap((line) => /db\.operation\.name="([^"]+)"/.exec(line)?.[1] ?? [])
  expect([...new Set(timed)].sort()).toEqual(called.sort())
  expect(called.length).toBeGreaterThan(25)
  await rig.close()
})

test.each([
  [{ meter: {} }, /"meter" must be a meter of @opentelemetry\/api/],
  [{ tracer: 1 }, /"tracer" must be a tracer of @opentelemetry\/api/],
  [{ spans: 'no' }, /"spans" must be true or false/],
  [{ schemes: [1] }, /"schemes" must be a list of at most 100 names/],
  [{ schemas: [] }, /there is no option "schemas"/],
])('options that do not fit are refused: %j', (options, message) => {
  expect(() => openTelemetry(options as never)).toThrow(message)
})

test('a store of an engine that has no name is refused', () => {
  expect(() => openTelemetry().store(memoryStore(), 'mongo' as never)).toThrow(
    /"system" of a store must be one of memory/,
  )
})
