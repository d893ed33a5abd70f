import { type RefusalCode, type Reply, type ReplyHeaders, refusal } from '@latchkey/core'

const utf8 = new TextEncoder()

/** A reply that holds JSON. It is about keys: no cache keeps it. Fields are in alphabetical order, as those of a refusal. */
export function json(status: number, value: unknown, headers: ReplyHeaders = []): Reply {
  const body = utf8.encode(JSON.stringify(value))
  const fields: ReplyHeaders = [
    ['cache-control', 'no-store'],
    ['content-length', String(body.length)],
    ['content-type', 'application/json'],
    ...headers,
  ]
  return { status, headers: fields, body }
}

/** 204. */
export const nothing: Reply = { status: 204, headers: [['cache-control', 'no-store']], body: new Uint8Array(0) }

/** Why a request is not carried out. */
export interface Refused {
  readonly code: RefusalCode
  readonly detail?: string
  /** Further members of the problem. */
  readonly members?: Readonly<Record<string, unknown>>
  readonly headers?: ReplyHeaders
}

const details = {
  'management-request-invalid': 'Something in the request does not fit.',
  'management-forbidden': 'The sender of this request may not do this here.',
  'management-not-found': 'There is nothing here that the sender of this request could see.',
  'management-method-not-allowed': 'Use one of the methods in Allow.',
  'management-conflict': 'The state of the key, or of its owner, does not allow it.',
  'management-media-type': 'Send JSON, and say so: Content-Type: application/json.',
  'management-unavailable': 'Nothing was done. Try again shortly.',
  'api-key-store-unavailable': 'It is not known whether it was done. Look before you try again.',
  'request-too-large': 'Send a smaller body.',
  'request-timeout': 'Send the whole body without pausing.',
} as const satisfies Partial<Record<RefusalCode, string>>

/** The problem that tells of it. */
export function refused({ code, detail, members, headers }: Refused, problemBaseUrl: string | undefined): Reply {
  return refusal(code, {
    detail: detail ?? details[code as keyof typeof details],
    problemBaseUrl,
    ...(members && { members }),
    ...(headers && { headers }),
  })
}

export const forbidden: Refused = { code: 'management-forbidden' }
export const notFound: Refused = { code: 'management-not-found' }

/** A member of the body, or a parameter of the query, does not fit: its name and what it must be, never what came. */
export function invalid(member: string, expected: string): Refused {
  // A name of any length and with any characters can be sent, and goes into a log.
  const name = /^[\w.-]{1,64}$/.test(member) ? member : '…'
  const detail = `"${name}" must be ${expected}.`
  return { code: 'management-request-invalid', detail, members: { member: name } }
}
