import { postgresStore } from '@latchkey/stores/postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPglite } from './postgres-clients.js'
import { fault, key, request } from './postgres-records.js'

describe('in Postgres', () => {
  const { client, run, end } = openPglite()
  const store = postgresStore({ client })
  beforeAll(() => store.migrate())
  afterAll(end)

  test.each(['from the future', 'claimed', 'mismatch'])(
    'a record in the state "%s" is neither run nor overwritten',
    async (state) => {
      await store.idempotency.claim(request(state))
      await run(`UPDATE latchkey_idempotency SET state = '${state}', lease_until_ms = 0 WHERE id = '${state}'`)
      for (const token of [`token ${state}`, 'another']) {
        await expect(store.idempotency.claim(request(state, { token }))).rejects.toEqual(fault('corrupt'))
      }
      expect(await store.idempotency.settle(state, `token ${state}`, Buffer.from('reply'), 600)).toBe('stale')
      expect(await run(`SELECT state FROM latchkey_idempotency WHERE id = '${state}'`)).toEqual([{ state }])
      expect(await store.idempotency.resolve(state, { kind: 'release' }, 600)).toBe('ok')
    },
  )

  test('a settled record without its reply is corrupt, not an empty reply', async () => {
    await store.idempotency.claim(request('a'))
    await store.idempotency.settle('a', 'token a', new Uint8Array(0), 600)
    expect(await store.idempotency.claim(request('a'))).toEqual({ outcome: 'settled', reply: expect.any(Uint8Array) })
    await run('UPDATE latchkey_idempotency SET content = NULL')
    await expect(store.idempotency.claim(request('a'))).rejects.toEqual(fault('corrupt'))
    expect(await store.idempotency.find('a')).toMatchObject({ state: 'unreadable' })
    expect(await store.idempotency.list({ limit: 10 })).toMatchObject([{ id: 'a', state: 'unreadable' }])
  })

  test('a message in a state that does not exist is neither handled nor overwritten', async () => {
    await store.replay.reserve('a', 'token', 30)
    await run(`UPDATE latchkey_replay SET state = 'from the future', lease_until_ms = 0`)
    await expect(store.replay.reserve('a', 'token', 30)).rejects.toEqual(fault('corrupt'))
    expect(await store.replay.commit('a', 'token', 30)).toBe('stale')
    expect(await run('SELECT state FROM latchkey_replay')).toEqual([{ state: 'from the future' }])
  })

  test('an API key whose scopes cannot be read is corrupt, not a key without scopes', async () => {
    await store.keys.insert(key('a'))
    await run(`UPDATE latchkey_keys SET scopes = '["a:'`)
    await expect(store.keys.find('a')).rejects.toEqual(fault('corrupt'))
  })
})
