// One of several processes on one database. Told what to do by its parent over IPC; it says what it has done.
import { once } from 'node:events'
import { sqliteStore } from '@latchkey/stores/sqlite'

const [, , file, task, me] = process.argv
const store = sqliteStore({ file, busyTimeoutSeconds: 30 })
const { idempotency, replay, keys, rates } = store
process.send('open')
await once(process, 'message')

const request = (id) => ({
  id,
  scope: 'scope',
  fingerprint: 'fingerprint',
  token: `${me} ${id}`,
  leaseSeconds: 600,
  ttlSeconds: 86_400,
  takeOver: true,
})

if (task === 'race') {
  const won = { claims: [], reservations: [] }
  for (let index = 0; index < 100; index++) {
    const id = `key ${index}`
    const { outcome } = await idempotency.claim(request(id))
    if (outcome === 'claimed') {
      won.claims.push(id)
      await idempotency.settle(id, `${me} ${id}`, Buffer.from(me), 86_400)
    }
    if ((await replay.reserve(id, me, 600)).outcome === 'reserved') won.reservations.push(id)
  }
  process.send(won)
  await store.close()
}

if (task === 'write') {
  // Until it is killed.
  for (let index = 0; ; index++) {
    const id = `key ${me} ${index}`
    await idempotency.claim(request(id))
    await idempotency.settle(id, `${me} ${id}`, Buffer.alloc(5000, id), 86_400)
    process.send(id)
  }
}

if (task === 'revoke') {
  for (let index = 0; index < 50; index++) {
    const id = `key${index}`
    if (me === 'a') await keys.revoke(id, 1, 'leaked')
    else await keys.setDisabled(id, index % 2 === 0 ? 2 : null)
  }
  process.send('done')
  await store.close()
}

if (task === 'count') {
  let allowed = 0
  for (let index = 0; index < 100; index++) {
    if ((await rates.count('meter', { limit: 333, windowSeconds: 86_400 })).isAllowed) allowed++
  }
  process.send(allowed)
  await store.close()
}
process.disconnect()
