import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ApiKeys, apiKeys, memoryStore, type NewApiKey, type Store } from '@latchkey/core'
import { ipAddresses } from '@latchkey/ip'
import {
  type KeyManagementOptions,
  keyManagement,
  type ManagementAuthority,
  type ManagementEvent,
  managementDescription,
} from '@latchkey/management'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { databaseFile } from '../stores/sqlite-files.js'
import { Described } from './described.js'
import { exchange, type Received, type Sent } from './exchange.js'
import type { Host } from './hosts.js'

/** Who sends requests: a session that the application knows. */
export const sessions: Readonly<Record<string, ManagementAuthority>> = {
  root: {
    actor: 'root',
    actions: 'every',
    ownerIds: 'every',
    scopes: ['*'],
    fields: ['name', 'metadata', 'allowedIps', 'rateLimit', 'quota', 'expiresAtMs', 'idleSeconds'],
  },
  acme: {
    actor: 'admin of acme',
    actions: 'every',
    ownerIds: ['acme'],
    scopes: ['payments:*', 'users:read'],
    defaults: { rateLimit: { limit: 10, windowSeconds: 60 } },
  },
  reader: { actor: 'reader', actions: ['read'], ownerIds: ['acme', 'globex'], scopes: [] },
  bounded: { actor: 'bounded', actions: 'every', ownerIds: ['acme'], scopes: ['payments:*'], fields: ['name'] },
  tester: { actor: 'tester', actions: 'every', ownerIds: ['acme'], environments: ['test'], scopes: ['payments:*'] },
}

export const stores: Readonly<Record<string, () => { store: Store; close(): Promise<void> }>> = {
  memory: () => ({ store: memoryStore(), close: async () => {} }),
  SQLite: () => {
    const { file, remove } = databaseFile()
    const store = sqliteStore({ file })
    return {
      store,
      close: async () => {
        await store.close()
        remove()
      },
    }
  },
}

/** A server with a management API, whose every reply is compared with its description. */
export class Rig {
  readonly events: ManagementEvent[] = []
  readonly keys: ApiKeys
  readonly #server: Server
  readonly #basePath: string
  readonly #described: Described
  #url = ''

  constructor(host: Host, store: Store, options: Partial<KeyManagementOptions> = {}) {
    this.keys = apiKeys({ store, prefix: 'acme', addresses: ipAddresses(), maxActiveKeys: 5 })
    this.#basePath = options.basePath ?? '/api-keys'
    this.#described = new Described(managementDescription({ basePath: this.#basePath }))
    const authorize = ({ headers }: { headers: { get(name: string): string | null } }) =>
      sessions[headers.get('x-session') ?? '']
    const observe = (event: ManagementEvent) => void this.events.push(event)
    this.#server = host(keyManagement({ keys: this.keys, authorize, observe, ...options }))
  }

  /** Sends to a path under the base path. */
  async send(method: string, path: string, sent: Sent = {}): Promise<Received> {
    const received = await this.raw(method, this.#basePath + path, sent)
    this.#described.expects(method, this.#basePath + path, received)
    if (received.status < 300 && sent.body !== undefined) {
      const { body } = sent
      this.#described.takes(method, this.#basePath + path, typeof body === 'string' ? JSON.parse(body) : body)
    }
    return received
  }

  /** Sends to any path. */
  async raw(method: string, path: string, sent: Sent = {}): Promise<Received> {
    if (this.#url === '') {
      if (!this.#server.listening) await once(this.#server, 'listening')
      this.#url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
    }
    return exchange(this.#url, method, path, sent)
  }

  /** A key that is there already. */
  async given(key: Partial<NewApiKey> = {}) {
    return (await this.keys.issue({ ownerId: 'acme', scopes: ['payments:read'], ...key })).info.id
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    if (this.#server.listening) await once(this.#server, 'close')
    await this.keys.flush()
  }
}
