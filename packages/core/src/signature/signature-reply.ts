import { noBytes } from '../bytes.js'
import type { BodyFault, Refusal, Reply } from '../guard.js'
import { type RefusalCode, refusal } from '../problem.js'

/** With which code a body that cannot be had is refused. A client that went away reads no answer. */
export const bodyRefusals = {
  'too-large': 'request-too-large',
  timeout: 'request-timeout',
  aborted: 'request-timeout',
  busy: 'signature-unavailable',
} as const satisfies Record<BodyFault, RefusalCode>

/** What the guard answers in the handler's place. A refusal says the same whatever its reason is. */
const details = {
  'signature-invalid': 'The request does not carry a valid signature.',
  'signature-unavailable': 'Send the message again in a moment.',
  'request-too-large': 'Send a smaller body.',
  'request-timeout': 'Send the whole body without pausing.',
} as const satisfies Partial<Record<RefusalCode, string>>

/** Senders retry by their own schedule: longer pauses tell them nothing. */
const longestRetryAfterSeconds = 5

const acknowledgement: Reply = {
  status: 200,
  headers: [
    ['cache-control', 'no-store'],
    ['content-length', '0'],
  ],
  body: noBytes,
}

/** How the guard refuses, by code. */
export function refuse(code: keyof typeof details, problemBaseUrl: string | undefined): Refusal {
  return { kind: 'reply', reply: refusal(code, { detail: details[code], problemBaseUrl }) }
}

/** 409 for a message whose handler is at work. */
export function refuseRunning(leaseRemainingMs: number, problemBaseUrl: string | undefined): Refusal {
  const reply = refusal('signature-replayed', {
    detail: 'This message is being handled. Should that fail, sending it again will have it handled.',
    problemBaseUrl,
    retryAfterSeconds: Math.min(longestRetryAfterSeconds, leaseRemainingMs / 1000),
    members: { retryable: true },
  })
  return { kind: 'reply', reply }
}

/** 409, or the silent 200 that was chosen, for a message that has been handled. */
export function answerHandled(onReplay: 'refuse' | 'acknowledge', problemBaseUrl: string | undefined): Refusal {
  if (onReplay === 'acknowledge') return { kind: 'reply', reply: acknowledgement }
  const detail = 'This message was handled before.'
  return { kind: 'reply', reply: refusal('signature-replayed', { detail, problemBaseUrl }) }
}
