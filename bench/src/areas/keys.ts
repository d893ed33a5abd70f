import { hash } from 'node:crypto'
import { type ApiKeys, apiKey, apiKeys, type Guard, grantLedger, memoryStore, type Peppers } from '@latchkey/core'
import type { Area } from '../area.js'
import { KeyFloor } from '../floors/key-floor.js'
import { guardRequest } from '../guard-requests.js'
import { bearerPeers, betterAuthKeys, inTurn, prefixedKeys } from '../peers/key-peers.js'
import { timedGroup } from '../timed-group.js'

const stored = 10_000
const presented = 256
const peppers: Peppers = { current: 'p1', secrets: { p1: 'a pepper of the bench, for the bench alone' } }

/** Verifying API keys: what is right, and what is not. */
export const keys: Area = async function* (effort) {
  const count = Math.min(stored, effort.mostEntries)
  const plain = await issued(apiKeys({ store: memoryStore(), prefix: 'acme' }), count)
  const cached = apiKeys({ store: memoryStore(), prefix: 'acme', cache: { ttlSeconds: 60 } })
  const shown = plain.texts.slice(0, presented)
  const floor = new KeyFloor(plain.texts)
  const known = new Set(plain.texts.map((text) => hash('sha256', text, 'base64url')))
  const cachedKeys = await issued(cached, count)
  const held = await issued(apiKeys({ store: memoryStore(), prefix: 'acme', peppers }), count)

  const ideal = {
    name: 'Map, digest, timingSafeEqual',
    kind: 'floor',
    run: run(shown, (key) => floor.verify(key)),
  } as const
  const ours = { name: 'Latchkey keys.verify()', kind: 'latchkey', run: verifying(plain.keys, shown) } as const
  const guard = {
    name: 'Latchkey apiKey() guard',
    kind: 'latchkey',
    remark: 'finds the key on a request',
    run: guarding(plain.keys, shown),
  } as const
  const prefixed = await prefixedKeys(Math.min(1000, count))
  const better = await betterAuthKeys(Math.min(1000, count))
  yield await timedGroup(
    `A valid key of ${count.toLocaleString('en')}`,
    [
      ideal,
      ours,
      guard,
      { name: 'Latchkey with a cache', kind: 'latchkey', run: verifying(cached, cachedKeys.texts.slice(0, presented)) },
      prefixed,
      ...bearerPeers(shown, known),
      better,
    ],
    [
      { of: ours.name, to: ideal.name, atMost: 1.3 },
      { of: ours.name, to: prefixed.name, atMost: 0.4 },
      { of: guard.name, to: 'passport-http-bearer', atMost: 0.4 },
      { of: ours.name, to: better.name, atMost: 1 / 300 },
    ],
    effort,
  )

  const hmacFloor = new KeyFloor(held.texts, peppers.secrets.p1 as string)
  const heldShown = held.texts.slice(0, presented)
  const hmacIdeal = {
    name: 'Map, HMAC, timingSafeEqual',
    kind: 'floor',
    run: run(heldShown, (key) => hmacFloor.verify(key)),
  } as const
  const peppered = { name: 'Latchkey keys.verify()', kind: 'latchkey', run: verifying(held.keys, heldShown) } as const
  yield await timedGroup(
    'A valid key under a pepper',
    [hmacIdeal, peppered],
    [{ of: peppered.name, to: hmacIdeal.name, atMost: 1.3 }],
    effort,
  )

  const strangers = (await issued(apiKeys({ store: memoryStore(), prefix: 'acme' }), presented)).texts
  yield* refusals(strangers, floor, plain.keys, effort)
}

async function* refusals(strangers: readonly string[], floor: KeyFloor, keys: ApiKeys, effort: Parameters<Area>[0]) {
  const broken = strangers.map((key) => key.slice(0, -1) + (key.endsWith('0') ? '1' : '0'))
  const ideal = { name: 'Map, digest', kind: 'floor', run: run(strangers, (key) => floor.refuse(key)) } as const
  const unknown = {
    name: 'Latchkey keys.verify(), unknown id',
    kind: 'latchkey',
    run: verifying(keys, strangers),
  } as const
  const checksum = {
    name: 'Latchkey keys.verify(), wrong checksum',
    kind: 'latchkey',
    run: verifying(keys, broken),
  } as const
  const foreign = {
    name: 'Latchkey keys.verify(), no key at all',
    kind: 'latchkey',
    run: run(['hunter2', 'eyJhbGciOiJIUzI1NiJ9.e30.x'], (key) => keys.verify(key)),
  } as const
  yield await timedGroup(
    'A key that is refused',
    [ideal, unknown, checksum, foreign],
    [{ of: unknown.name, to: ideal.name, atMost: 1.3 }],
    effort,
  )
}

async function issued(keys: ApiKeys, count: number): Promise<{ keys: ApiKeys; texts: string[] }> {
  const texts: string[] = []
  for (let made = 0; made < count; made++) {
    const { key } = await keys.issue({ ownerId: `org_${made}`, environment: 'live', scopes: ['payments:read'] })
    texts.push(key)
  }
  return { keys, texts }
}

function run(keys: readonly string[], judge: (key: string) => unknown): () => unknown {
  const next = inTurn(keys)
  return () => judge(next())
}

function verifying(keys: ApiKeys, texts: readonly string[]): () => unknown {
  return run(texts, (key) => keys.verify(key))
}

function guarding(keys: ApiKeys, texts: readonly string[]): () => unknown {
  const guard: Guard<unknown> = apiKey({ keys, scopes: ['payments:read'] })
  const next = inTurn(texts.map((key) => guardRequest('GET', { authorization: `Bearer ${key}` })))
  const ledger = grantLedger()
  return () => guard(next(), ledger)
}
