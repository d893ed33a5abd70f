import { type ApiKeyInfo, type ApiKeys, type Reply, StoreError } from '@latchkey/core'
import type { Authority, ManagementAction } from './authority.js'
import type { BodyRule, Members } from './json-body.js'
import { forbidden, notFound, type Refused } from './replies.js'

/** One authorized request. */
export interface Call {
  readonly keys: ApiKeys
  readonly authority: Authority
  readonly basePath: string
  /** The id in the path, which may be nobody's; empty where the path has none. */
  readonly id: string
  readonly query: URLSearchParams
  readonly members: Members
  /** Whether the request has been answered with 503 already: nothing may be changed any more. */
  readonly isLate: () => boolean
}

/** Carried out; what of it an observer is told. */
interface Done {
  readonly reply: Reply
  readonly keyId?: string
  readonly ownerId?: string
}

export type Outcome = Done | Refused

/** What a method does at a path. */
export interface Operation {
  /** What the sender needs to be allowed; absent: any authority will do. */
  readonly action?: ManagementAction
  /** The parameters that a query may have. @defaultValue `[]` */
  readonly query?: readonly string[]
  /** Absent: no body is looked at. */
  readonly body?: BodyRule
  run(call: Call): Promise<Outcome>
}

/**
 * A step that is about a key which the sender may see; of any other there is no telling whether it exists. What `gives` power, the
 * secret of a key or a longer life for it, needs an authority that could have given the key its scopes.
 */
export function onKey(
  power: 'gives' | 'takes' | 'shows',
  step: (call: Call, key: ApiKeyInfo) => Promise<Outcome>,
): (call: Call) => Promise<Outcome> {
  return async (call) => {
    const key = await call.keys.get(call.id)
    if (key === undefined || !call.authority.reaches(key)) return notFound
    if (power === 'gives' && !call.authority.mayGive(key.scopes)) {
      return { ...forbidden, detail: 'The key has a scope that the sender of this request may not give.' }
    }
    inTime(call)
    return step(call, key)
  }
}

/** @throws StoreError where the client has been told already that it took too long: what comes next would surprise it. */
function inTime(call: Call): void {
  if (call.isLate()) throw new StoreError('timeout', 'The store was too slow')
}
