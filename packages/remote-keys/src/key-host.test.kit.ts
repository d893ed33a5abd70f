import { type Guard, type GuardRequest, grantLedger, type MessageHeaders, messageHeaders } from '@latchkey/core'
import { vi } from 'vitest'

/** The time at which the tests stand still, in epoch milliseconds. */
export const nowMs = 1_790_000_000_000

/** What a host answers: a document, a status, or whatever else. */
export type HostAnswer = string | number | Response | (() => Promise<Response>)

/** A `fetch` over hosts of the tests, by the URL; what is not there is 404. */
export function hosts(answers: Readonly<Record<string, HostAnswer>>) {
  return vi.fn<typeof fetch>(async (url) => {
    const answer = answers[String(url)] ?? 404
    if (typeof answer === 'function') return answer()
    if (answer instanceof Response) return answer.clone()
    return typeof answer === 'string' ? new Response(answer) : new Response('', { status: answer })
  })
}

/** A clock that is moved by hand. */
export function handClock(startMs = nowMs) {
  const clock = {
    ms: startMs,
    now: () => clock.ms,
    advance(seconds: number) {
      clock.ms += seconds * 1000
    },
  }
  return clock
}

/** A request to a guard; its body comes in two pieces. */
export function requestOf(
  headers: MessageHeaders,
  body: Uint8Array | string,
  read?: GuardRequest['body'],
): GuardRequest {
  const bytes = Buffer.from(body)
  return {
    method: 'POST',
    url: 'http://10.0.0.1/hooks',
    headers: messageHeaders(headers),
    remoteAddress: undefined,
    body: vi.fn(
      read ??
        (async ({ onChunk }) => {
          onChunk?.(bytes.subarray(0, 3))
          onChunk?.(bytes.subarray(3))
          return bytes
        }),
    ),
  }
}

/** What a guard says to a request: the grant, or the status and the problem. */
export async function ask<Grant>(guard: Guard<Grant>, request: GuardRequest) {
  const verdict = await guard(request, grantLedger())
  if (verdict.kind === 'pass') return { grant: verdict.grant, settled: verdict.settled }
  const { status, body } = verdict.reply
  return { status, problem: JSON.parse(Buffer.from(body).toString()) }
}
