import { ConfigurationError } from '../../errors.js'
import { tell } from '../../observe.js'
import { isLine, OptionReader } from '../../option-reader.js'
import type { ApiKeysSettings } from '../api-keys-options.js'
import { type ApiKeyInfo, apiKeyInfo } from '../key/api-key-info.js'
import { isKeyId } from '../key/grammar.js'
import { readKeyFields } from './key-fields.js'
import { type ApiKeyPage, readPage } from './key-page.js'
import { type ApiKeyChanges, changeNames } from './new-api-key.js'

/** What can be done with keys that are there. */
export interface KeyKeeping<Scope extends string> {
  get(id: string): Promise<ApiKeyInfo | undefined>
  /**
   * Keys in the order of their ids, from the first after `after` on. A page may be short before the last: the end is an empty
   * one.
   */
  list(page?: ApiKeyPage): Promise<ApiKeyInfo[]>
  /**
   * Changes what is named and nothing else. It does not bring back a revoked key; a later `expiresAt` does bring back one that
   * has expired. A quota is set for all keys that share it. `false`: there is no such key.
   *
   * @throws ConfigurationError by rejection, naming what does not fit.
   */
  update(id: string, changes: ApiKeyChanges<Scope>): Promise<boolean>
  /** Ends the key for good, from its next verification on. The first revocation stands. `false`: there is no such key. */
  revoke(id: string, reason?: string): Promise<boolean>
  /** Revokes every key of the owner that is not revoked yet, and answers with their ids. It does not prevent new ones. */
  revokeAll(ownerId: string, reason?: string): Promise<readonly string[]>
  /** Suspends the key until it is enabled. `false`: there is no such key. */
  disable(id: string): Promise<boolean>
  /** Lets a disabled key be used again; a revoked one stays revoked. `false`: there is no such key. */
  enable(id: string): Promise<boolean>
  /** Deletes the key, which is then unknown. To end one, revoke it: that leaves a trace. `false`: there is no such key. */
  remove(id: string): Promise<boolean>
}

/** Reads, changes and ends keys. */
export function keyKeeping<Scope extends string>(settings: ApiKeysSettings): KeyKeeping<Scope> {
  const { store, now, observe } = settings
  const setDisabled = async (id: string, disabledAtMs: number | null): Promise<boolean> => {
    const isDone = isKeyId(id) && (await store.setDisabled(id, disabledAtMs))
    if (isDone) tell(observe, { type: disabledAtMs === null ? 'api-key.enabled' : 'api-key.disabled', keyId: id })
    return isDone
  }
  return {
    get: async (id) => {
      const record = isKeyId(id) ? await store.find(id) : undefined
      return record ? apiKeyInfo(record) : undefined
    },
    list: async (page = {}) => (await store.list(readPage(page))).map(apiKeyInfo),
    update: async (id, changes) => {
      const columns = readKeyFields(new OptionReader('update', changes, changeNames), now(), settings)
      if (!isKeyId(id)) return false
      if (Object.keys(columns).length === 0) return Boolean(await store.find(id))
      const isDone = await store.update(id, columns)
      const names = changeNames.filter((name) => changes[name] !== undefined)
      if (isDone) tell(observe, { type: 'api-key.updated', keyId: id, changed: names })
      return isDone
    },
    revoke: async (id, reason) => {
      const why = readReason('revoke', reason)
      const isDone = isKeyId(id) && (await store.revoke(id, now(), why))
      if (isDone) tell(observe, { type: 'api-key.revoked', keyId: id, reason: why })
      return isDone
    },
    revokeAll: async (ownerId, reason) => {
      const why = readReason('revokeAll', reason)
      if (!isLine(ownerId)) throw unfit('revokeAll', 'ownerId')
      const ids = await store.revokeAll(ownerId, now(), why)
      for (const keyId of ids) tell(observe, { type: 'api-key.revoked', keyId, reason: why })
      return ids
    },
    disable: (id) => setDisabled(id, now()),
    enable: (id) => setDisabled(id, null),
    remove: async (id) => {
      const isDone = isKeyId(id) && (await store.remove(id))
      if (isDone) tell(observe, { type: 'api-key.removed', keyId: id })
      return isDone
    },
  }
}

function readReason(method: string, reason: string | undefined): string | null {
  if (reason === undefined || isLine(reason)) return reason ?? null
  throw unfit(method, 'reason')
}

function unfit(method: string, option: string): ConfigurationError {
  const expected = 'a text of 1 to 255 characters'
  return new ConfigurationError('invalid-option', `${method}: "${option}" must be ${expected}`, { option, expected })
}
