import { apiKeys, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { hosts, listening } from '../keys/key-hosts.js'
import { isReplay, post } from '../processes/client.js'

type Keys = ReturnType<typeof apiKeys>

/** What can become of a key between a request and its retry, and what the retry is refused with. */
const changes: readonly [what: string, change: (keys: Keys, id: string) => unknown, status: number, code: string][] = [
  ['revoked', (keys, id) => keys.revoke(id, 'leaked'), 401, 'api-key-revoked'],
  ['disabled', (keys, id) => keys.disable(id), 401, 'api-key-disabled'],
  ['left without the scope', (keys, id) => keys.update(id, { scopes: ['read'] }), 403, 'api-key-insufficient-scope'],
]

describe.each(Object.entries(hosts))('on %s a retry', (_, host) => {
  test.each(changes)('whose key was %s since gets the refusal and not the reply', async (_, change, status, code) => {
    const store = memoryStore()
    const keys = apiKeys({ store, prefix: 'acme' })
    let runs = 0
    const server = host({
      options: { keys, scopes: ['pay'] },
      once: { store, scope: 'caller' },
      handled: () => void runs++,
    })
    const url = `${await listening(server)}/once`
    const { key, info } = await keys.issue({ ownerId: 'org_1', scopes: ['pay', 'read'] })
    const pay = () => post(url, { authorization: `Bearer ${key}`, 'idempotency-key': 'payment-1' })

    expect((await pay()).status).toBe(200)
    expect(isReplay(await pay())).toBe(true)
    await change(keys, info.id)
    const refused = await pay()
    expect([refused.status, refused.code, isReplay(refused)]).toEqual([status, code, false])
    expect(refused.text).not.toContain('"ok"')
    expect(runs).toBe(1)
    server.close()
  })
})
