import {
  type Capture,
  grantLedger,
  idempotency as guarding,
  type IdempotencyGuard,
  memoryStore,
  type Reply,
} from '@latchkey/core'
import type { Area } from '../area.js'
import { IdempotencyFloor } from '../floors/idempotency-floor.js'
import { guardRequest } from '../guard-requests.js'
import { payment, paymentBytes, receipt, receiptBytes } from '../payment.js'
import { nodeIdempotency, nodeIdempotencyName, peerRequest } from '../peers/idempotency-peers.js'
import { timedGroup } from '../timed-group.js'

const scope = 'alice'
const reply: Reply = { status: 201, headers: [['content-type', 'application/json']], body: receiptBytes }
const prior = Object.assign(grantLedger(), { caller: scope })
const replayed = 64

/** Idempotency without a server: the first request, its repetitions, and what is refused. */
export const idempotency: Area = async function* (effort) {
  const next = counted()
  let guard = guarding({ store: memoryStore(), scope: 'caller' })
  let floor = new IdempotencyFloor()
  let peer = nodeIdempotency()
  const first = {
    name: 'Latchkey idempotency() guard',
    kind: 'latchkey',
    fresh: () => {
      guard = guarding({ store: memoryStore(), scope: 'caller' })
    },
    run: () => runOnce(guard, next()),
  } as const
  const ideal = {
    name: 'two digests, a Map',
    kind: 'floor',
    fresh: () => {
      floor = new IdempotencyFloor()
    },
    run: () => runAtFloor(floor, next()),
  } as const
  const other = {
    ...nodeIdempotencyName,
    fresh: () => {
      peer = nodeIdempotency()
    },
    run: async () => {
      const request = peerRequest(next(), payment)
      await peer.onRequest(request)
      await peer.onResponse(request, { body: receipt, additional: { status: 201 } })
    },
  } as const
  yield await timedGroup(
    'The first request with a key: claimed, run, settled',
    [ideal, first, other],
    [{ of: first.name, to: other.name, atMost: 0.87 }],
    effort,
  )
  yield* repetitions(effort)
}

async function* repetitions(effort: Parameters<Area>[0]): ReturnType<Area> {
  const keys = Array.from({ length: replayed }, (_, at) => `replayed-${at}`)
  const guard = guarding({ store: memoryStore(), scope: 'caller' })
  const floor = new IdempotencyFloor()
  const peer = nodeIdempotency()
  for (const key of keys) {
    await runOnce(guard, key)
    runAtFloor(floor, key)
    const request = peerRequest(key, payment)
    await peer.onRequest(request)
    await peer.onResponse(request, { body: receipt, additional: { status: 201 } })
  }
  const at = counted()
  const key = () => keys[Number(at()) % replayed]!
  const ideal = {
    name: 'two digests, a Map',
    kind: 'floor',
    run: () => floor.claim(floor.id(scope, key()), paymentBytes),
  } as const
  const ours = {
    name: 'Latchkey idempotency() guard',
    kind: 'latchkey',
    run: () => guard(asked(key(), paymentBytes), prior),
  } as const
  const other = { ...nodeIdempotencyName, run: () => peer.onRequest(peerRequest(key(), payment)) } as const
  yield await timedGroup(
    'A repetition, answered with the stored reply',
    [ideal, ours, other],
    [{ of: ours.name, to: other.name, atMost: 1 }],
    effort,
  )
  const altered = Buffer.from(paymentBytes.toString().replace('1999', '2999'))
  const mismatch = {
    name: 'Latchkey idempotency() guard',
    kind: 'latchkey',
    run: () => guard(asked(key(), altered), prior),
  } as const
  const conflict = {
    name: 'two digests, a Map',
    kind: 'floor',
    run: () => floor.claim(floor.id(scope, key()), altered),
  } as const
  yield await timedGroup('Another body under a used key, refused', [conflict, mismatch], [], effort)
}

function asked(key: string, body: Uint8Array) {
  return guardRequest('POST', { 'idempotency-key': key, 'content-type': 'application/json' }, body)
}

async function runOnce(guard: IdempotencyGuard, key: string): Promise<void> {
  const verdict = await guard(asked(key, paymentBytes), prior)
  if (verdict.kind !== 'pass') throw new Error(`a new key was answered with ${verdict.reply.status}`)
  const capture = verdict.capture as Capture
  capture.holds(reply)
  await capture.settle(reply)
}

function runAtFloor(floor: IdempotencyFloor, key: string): void {
  const id = floor.id(scope, key)
  if (floor.claim(id, paymentBytes) !== 'run') throw new Error('a new key was not new')
  floor.settle(id, reply.status, reply.headers, receiptBytes)
}

function counted(): () => string {
  let count = 0
  return () => String(count++)
}
