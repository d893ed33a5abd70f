import { BodyError, type BodyFault, type GuardRequest, type RefusalCode } from '@latchkey/core'
import type { ManagementSettings } from './management-options.js'
import { invalid, type Refused } from './replies.js'

/** What a body may hold. */
export interface BodyRule {
  readonly members: readonly string[]
  /** Whether the body may be left out: it is then as one without members. */
  readonly isOptional?: boolean
}

/** The members of a body, none of them unknown; nothing is said of their values. It inherits from nothing. */
export type Members = Readonly<Record<string, unknown>>

const bodyCodes = {
  'too-large': 'request-too-large',
  timeout: 'request-timeout',
  aborted: 'request-timeout',
  busy: 'management-unavailable',
} as const satisfies Record<BodyFault, RefusalCode>

/**
 * The members of a JSON body. The media type is required even where there is no body: a page of another site can have a browser
 * send any other without asking (the Fetch standard, "CORS-safelisted request-header").
 */
export async function readMembers(
  request: GuardRequest,
  rule: BodyRule,
  { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes }: ManagementSettings,
): Promise<{ readonly members: Members } | Refused> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/json[ \t]*(?:;[^,]*)?$/i.test(type)) return { code: 'management-media-type' }
  let bytes: Uint8Array
  try {
    bytes = await request.body({ maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes })
  } catch (error) {
    if (error instanceof BodyError) return { code: bodyCodes[error.fault] }
    throw error
  }
  if (bytes.length === 0 && rule.isOptional) return { members: noMembers }
  const value = parsed(bytes)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { code: 'management-request-invalid', detail: 'The body must be a JSON object in UTF-8.' }
  }
  // `JSON.parse` makes an own property of `__proto__`: it is as unknown as any other name. Of repeated names the last counts.
  const unknown = Object.keys(value).find((name) => !rule.members.includes(name))
  if (unknown !== undefined) return invalid(unknown, `left out: there is only ${rule.members.join(', ')}`)
  return { members: Object.assign(Object.create(null), value) }
}

export const noMembers: Members = Object.freeze(Object.create(null))

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
