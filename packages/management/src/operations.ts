import type { ApiKeyInfo, IssuedApiKey, RotationOptions } from '@latchkey/core'
import { isAmong, managementFields } from './authority.js'
import { keyRepresentation } from './key-representation.js'
import { listKeys } from './list-keys.js'
import { end, readChanges, readNewKey } from './new-key.js'
import { type Call, type Operation, type Outcome, onKey } from './operation.js'
import { forbidden, invalid, json, notFound, nothing } from './replies.js'

const changed = ['scopes', ...managementFields] as const

const issue: Operation = {
  action: 'issue',
  body: { members: ['ownerId', 'environment', ...changed] },
  run: async (call) => {
    const read = readNewKey(call.members, call.authority)
    if ('code' in read) return read
    return created(call, await call.keys.issue(read.chosen))
  },
}

const update: Operation = {
  action: 'update',
  body: { members: changed },
  run: onKey('gives', async (call) => {
    const read = readChanges(call.members, call.authority)
    if ('code' in read) return read
    return afterwards(call, await call.keys.update(call.id, read.chosen))
  }),
}

const rotate: Operation = {
  action: 'rotate',
  body: { members: ['graceSeconds', 'graceFrom', 'expiresAtMs'], isOptional: true },
  run: onKey('gives', async (call) => {
    const { expiresAtMs, ...options } = call.members
    if (expiresAtMs !== undefined && !call.authority.mayChoose('expiresAtMs')) {
      return { ...forbidden, detail: 'The sender of this request may not choose "expiresAtMs".' }
    }
    const rotation = { ...options, ...end(expiresAtMs) } as RotationOptions
    return created(call, await call.keys.rotate(call.id, rotation), call.id)
  }),
}

const revoke: Operation = {
  action: 'revoke',
  body: { members: ['reason'], isOptional: true },
  run: onKey('takes', async (call) => {
    const reason = reasonIn(call)
    return afterwards(call, await call.keys.revoke(call.id, reason))
  }),
}

const revokeAll: Operation = {
  action: 'revoke',
  body: { members: ['ownerId', 'reason'] },
  run: async (call) => {
    const { keys, authority, members } = call
    const { ownerId } = members
    if (typeof ownerId !== 'string') return invalid('ownerId', 'a text of 1 to 255 characters')
    // It reaches into every environment.
    if (authority.environments !== 'every' || !isAmong(authority.ownerIds, ownerId)) {
      return { ...forbidden, detail: 'The sender of this request may not revoke all keys of this owner.' }
    }
    return { reply: json(200, { revoked: await keys.revokeAll(ownerId, reasonIn(call)) }), ownerId }
  },
}

const disable: Operation = {
  action: 'disable',
  body: { members: [], isOptional: true },
  run: onKey('takes', async (call) => afterwards(call, await call.keys.disable(call.id))),
}

const enable: Operation = {
  action: 'enable',
  body: { members: [], isOptional: true },
  run: onKey('gives', async (call) => afterwards(call, await call.keys.enable(call.id))),
}

const remove: Operation = {
  action: 'remove',
  run: onKey('takes', async ({ keys, id }, { ownerId }) =>
    (await keys.remove(id)) ? { reply: nothing, keyId: id, ownerId } : notFound,
  ),
}

const read: Operation = {
  action: 'read',
  run: onKey('shows', async (_call, key) => shown(key)),
}

/** What each method does at each path under the base; `{id}` is the id of a key. */
export const operations: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '': { GET: listKeys, POST: issue },
  '/revoke-all': { POST: revokeAll },
  '/{id}': { GET: read, PATCH: update, DELETE: remove },
  '/{id}/rotate': { POST: rotate },
  '/{id}/revoke': { POST: revoke },
  '/{id}/disable': { POST: disable },
  '/{id}/enable': { POST: enable },
}

function created({ basePath }: Call, { key, info }: IssuedApiKey, keyId = info.id): Outcome {
  const reply = json(201, { key, ...keyRepresentation(info) }, [['location', `${basePath}/${info.id}`]])
  return { reply, keyId, ownerId: info.ownerId }
}

/** The key as it is after a change; `isDone`: it was still there. */
async function afterwards(call: Call, isDone: boolean): Promise<Outcome> {
  const key = isDone ? await call.keys.get(call.id) : undefined
  return key === undefined ? notFound : shown(key)
}

function shown(key: ApiKeyInfo): Outcome {
  return { reply: json(200, keyRepresentation(key)), keyId: key.id, ownerId: key.ownerId }
}

/** As it came: core judges it. */
function reasonIn({ members }: Call): string | undefined {
  return members.reason as string | undefined
}
