import { type GuardRequest, grantLedger, type MessageHeaders } from '@latchkey/core'
import { vi } from 'vitest'
import { httpSignature } from './guard.js'
import type { HttpSignatureOptions } from './guard-options.js'
import { body, created, digest, key, policy } from './message.test.kit.js'

/** Options of a guard without a window. */
export const options = { keys: key, policy, replay: false, now: () => created * 1000 } as const

/** A request to a guard; its body comes byte by byte. */
export function requestTo(fields: MessageHeaders, sent = body, read?: GuardRequest['body']): GuardRequest {
  const lines = new Map(Object.entries({ 'content-digest': digest, 'x-a': '1', ...fields }))
  const linesOf = (name: string) => [lines.get(name) ?? []].flat()
  return {
    method: 'POST',
    url: 'http://10.0.0.1/hooks',
    headers: {
      get: (name) => (linesOf(name).length === 0 ? null : linesOf(name).join(', ')),
      count: (name) => linesOf(name).length,
    },
    remoteAddress: undefined,
    body: vi.fn(
      read ??
        (async ({ onChunk }) => {
          for (const piece of sent) onChunk?.(Buffer.from(piece))
          return Buffer.from(sent)
        }),
    ),
  }
}

/** What the guard says to a request. */
export async function ask(given: HttpSignatureOptions, request: GuardRequest, prior = grantLedger()) {
  const verdict = await httpSignature(given)(request, prior)
  if (verdict.kind === 'pass') return { grant: verdict.grant, settled: verdict.settled }
  const { status, headers, body: bytes } = verdict.reply
  return { status, headers: Object.fromEntries(headers), problem: JSON.parse(Buffer.from(bytes).toString()) }
}
