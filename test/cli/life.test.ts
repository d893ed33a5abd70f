import { apiKeys } from '@latchkey/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../lab/store.js'
import { json, latchkey } from './command.js'
import { type TriedStore, triedStores } from './stores.js'

interface Issued {
  readonly key: string
  readonly id: string
  readonly status: string
  readonly [field: string]: unknown
}

describe.each(triedStores)('keys at the command line, in $engine', ({ missing, start }) => {
  describe.skipIf(missing !== undefined)(missing ?? 'a store of its own', () => {
    let store: TriedStore
    const env = () => ({ LATCHKEY_STORE: store.url })
    const issue = (owner: string, ...more: string[]) =>
      json<Issued>(['keys', 'issue', '--owner', owner, '--reveal', ...more], { env: env() })
    const show = (id: string) => json<Issued>(['keys', 'show', id], { env: env() })
    const run = (...args: string[]) => latchkey(args, { env: env() })
    beforeAll(async () => {
      store = await start()
    })
    afterAll(() => store?.remove())

    test('an issued key has what was asked for, and is let in by the application', async () => {
      const issued = await issue(
        'org_1',
        ...['--name', 'Billing', '--environment', 'test', '--scopes', 'payments:read,payments:write'],
        ...['--rate-limit', '100/1m', '--quota', '1000/30d', '--idle', '90d', '--expires', '2099-01-31'],
        ...['--allow-ips', '192.0.2.0/24', '--allow-ips', '2001:db8::/32', '--metadata', '{"plan":"pro"}'],
      )
      expect(await show(issued.id)).toMatchObject({
        ...{ ownerId: 'org_1', name: 'Billing', environment: 'test', metadata: { plan: 'pro' }, status: 'active' },
        scopes: ['payments:read', 'payments:write'],
        allowedIps: ['192.0.2.0/24', '2001:db8::/32'],
        rateLimit: { limit: 100, windowSeconds: 60 },
        quota: { remaining: 1000, refill: { amount: 1000, everySeconds: 2_592_000 } },
        ...{ idleSeconds: 7_776_000, expiresAtMs: Date.UTC(2099, 0, 31) },
      })
      const plain = await issue('org_1')
      const opened = await openStore(store.url)
      const keys = apiKeys({ store: opened, prefix: 'acme' })
      expect(await keys.verify(plain.key)).toMatchObject({ isValid: true })
      await keys.flush()
      await opened.close()
    })

    test('a key goes through its life', async () => {
      const { id } = await issue('org_2')
      expect((await run('keys', 'disable', id)).code).toBe(0)
      expect((await show(id)).status).toBe('disabled')
      expect((await run('keys', 'enable', id)).code).toBe(0)
      const next = await json<Issued>(['keys', 'rotate', id, '--grace', '1h', '--reveal'], { env: env() })
      expect(next).toMatchObject({ rotatedFrom: id, ownerId: 'org_2' })
      expect(await show(id)).toMatchObject({ rotatedTo: next.id, status: 'active' })
      expect(await run('keys', 'rotate', id, '--reveal')).toMatchObject({ code: 5, stdout: '' })
      expect((await run('keys', 'revoke', next.id, '--reason', 'left us')).code).toBe(0)
      expect(await show(next.id)).toMatchObject({ status: 'revoked', revocationReason: 'left us' })
      expect((await run('keys', 'rotate', next.id, '--reveal')).code).toBe(5)
    })

    test('all keys of an owner are revoked at once, and nobody else’s', async () => {
      const [first, second, other] = await Promise.all([issue('org_3'), issue('org_3'), issue('org_4')])
      const { revoked } = await json<{ revoked: string[] }>(['keys', 'revoke', '--owner', 'org_3'], { env: env() })
      expect(revoked.sort()).toEqual([first.id, second.id].sort())
      expect((await show(other.id)).status).toBe('active')
    })

    test('a list goes on where the page before has ended', async () => {
      const ids = (await Promise.all([issue('org_5'), issue('org_5'), issue('org_5')])).map(({ id }) => id).sort()
      const page = (...more: string[]) =>
        json<{ keys: Issued[]; after: string | null }>(['keys', 'list', '--owner', 'org_5', ...more], { env: env() })
      const first = await page('--limit', '2')
      const second = await page('--limit', '2', '--after', first.after!)
      const all = await page('--all')
      expect([...first.keys, ...second.keys].map(({ id }) => id)).toEqual(ids)
      expect(all.keys.map(({ id }) => id)).toEqual(ids)
      expect(all.after).toBeNull()
    })

    test('an inspected key is told from one with another secret, and from one that nobody knows', async () => {
      const { key, id } = await issue('org_6')
      const inspect = (text: string) => latchkey(['keys', 'inspect', '--json'], { env: env(), input: `${text}\n` })
      const known = await inspect(key)
      expect(known.code).toBe(0)
      expect(JSON.parse(known.stdout)).toMatchObject({ key: { id, checksum: 'right' }, standing: { known: 'yes' } })
      expect(known.stdout).not.toContain(key.slice(-49))
      const mistyped = await inspect(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`)
      expect(mistyped.code).toBe(1)
      expect(JSON.parse(mistyped.stdout)).toMatchObject({ key: { checksum: 'wrong' }, standing: null })
      const strange = await inspect('acme_live_00000000000A_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg000000')
      expect(strange.code).toBe(1)
    })

    test('a key that is not there ends with 3', async () => {
      for (const command of ['show', 'revoke', 'disable', 'enable']) {
        expect(await run('keys', command, 'AAAAAAAAAAAA'), command).toMatchObject({ code: 3, stdout: '' })
      }
      expect((await run('keys', 'rotate', 'AAAAAAAAAAAA', '--reveal')).code).toBe(3)
    })

    test('the doctor finds nothing that fails', async () => {
      const { healthy, findings } = await json<{ healthy: boolean; findings: { check: string; result: string }[] }>(
        ['doctor', '--prefix', 'acme'],
        { env: env() },
      )
      expect(healthy).toBe(true)
      expect(findings).toContainEqual(expect.objectContaining({ check: 'tables', result: 'ok' }))
    })
  })
})
