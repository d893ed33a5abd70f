import { type GuardRequest, grantLedger, type RequestHeaders, type Scheme, signature } from '@latchkey/core'
import { boundPreset, signedDelivery } from './presets.js'

/** A request as it is on the wire, with nothing of it understood. */
export interface Message {
  readonly lines: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
  readonly method: string
  readonly url: string
}

/** What a guard said: what the message is known by in the replay window, or why it was refused. */
export type Judgement = { readonly replayId: string } | { readonly refused: string }

/** Judges a message by the guard of one scheme, at {@link nowMs}. */
export type Judge = (message: Message) => Promise<Judgement>

export const nowMs = 1_700_000_000_000

/** A guard over a replay store that has seen nothing and keeps nothing. */
export function judgeOf(name: string): Judge {
  let reserved: string | undefined
  let reason: string | undefined
  const replay = {
    reserve: (id: string) => {
      reserved = id
      return { outcome: 'reserved' as const }
    },
    commit: () => 'ok' as const,
    release: () => 'ok' as const,
  }
  const scheme = boundPreset(name)
  const isShown = scheme.scheme.content.length === 0
  const guard = signature({
    scheme,
    ...(isShown ? {} : { store: { replay } }),
    publicUrl: ({ url }) => url,
    maxBodyBytes: 4096,
    now: () => nowMs,
    observe: (event) => {
      if (event.type === 'signature.refused') reason = event.reason
    },
  })
  return async (message) => {
    reserved = undefined
    reason = undefined
    const verdict = await guard(requestOf(message), grantLedger())
    if (verdict.kind === 'pass') {
      await verdict.settled?.(200)
      return { replayId: reserved ?? 'none' }
    }
    if (verdict.reply.status !== 401) throw new Error(`${verdict.reply.status} for ${reason}`)
    return { refused: String(reason) }
  }
}

function requestOf({ lines, body, method, url }: Message): GuardRequest {
  return {
    method,
    url,
    headers: fieldsOf(lines),
    remoteAddress: undefined,
    body: async ({ onChunk }) => {
      if (body.length > 0) onChunk?.(body)
      return body
    },
  }
}

/** As Node hosts give them: by name in any case, lines of one name joined. */
function fieldsOf(lines: Message['lines']): RequestHeaders {
  const valuesOf = (wanted: string) => lines.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  return {
    get: (name) => (valuesOf(name).length === 0 ? null : valuesOf(name).join(', ')),
    count: (name) => valuesOf(name).length,
    lines: valuesOf,
  }
}

const bodies = [
  '{"id":"evt_1","webhookTimestamp":1700000000000,"amount":1000}',
  '{"event_id":"evt_2","webhookTimestamp":1700000000000,"text":"😀 ünïcode \\u00e9"}\r\n',
  'Body=a+b%26%C3%A9&b=2&a=1&a=2&a=1&From=%2B4912345',
  '',
  '17000000001700000000',
  Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index)),
]

/** Messages that a preset's provider could send, at {@link nowMs}. */
export function genuineMessages(name: string, { envelope, carriers }: Scheme): readonly Message[] {
  const needsJson =
    envelope !== undefined || carriers.some(({ timestamp }) => timestamp !== undefined && 'body' in timestamp)
  return bodies.slice(0, needsJson ? 2 : bodies.length).map((text, index): Message => {
    const body = needsJson ? Buffer.from(`{"id":"evt_${index}","webhookTimestamp":${nowMs}}`) : Buffer.from(text)
    const headers = index % 2 === 0 ? { 'x-event-type': 'a.b' } : {}
    const asked = {
      body,
      url: 'https://api.example.com/a%3Ab?q=%2F%3F%20x&r=1',
      timestampMs: nowMs,
      id: `msg_${index}9`,
    }
    const delivery = signedDelivery(name, { ...asked, headers })
    return { lines: Object.entries(delivery.headers), body: delivery.body, url: delivery.url, method: 'POST' }
  })
}
