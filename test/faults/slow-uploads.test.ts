import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { apiKeys, memoryStore } from '@latchkey/core'
import { describe, expect, test } from 'vitest'
import { hosts, listening } from '../keys/key-hosts.js'
import { post, until } from '../processes/client.js'

const uploads = 500

/** A store that counts what it is asked. */
function counting() {
  const store = memoryStore()
  const asked = { keys: 0, claims: 0 }
  const [find, claim] = [store.keys.find.bind(store.keys), store.idempotency.claim.bind(store.idempotency)]
  store.keys.find = (id) => {
    asked.keys++
    return find(id)
  }
  store.idempotency.claim = (request) => {
    asked.claims++
    return claim(request)
  }
  return { store, asked }
}

/** Sends the head of a request and half of its body, and then nothing more; answers the status that comes, if one does. */
async function upload(url: string, key: string, number: number): Promise<{ socket: Socket; status: Promise<string> }> {
  const { port } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  await once(socket, 'connect')
  let text = ''
  socket
    .on('error', () => undefined)
    .on('data', (bytes) => {
      text += bytes
    })
  const status = once(socket, 'close').then(() => text.slice(9, 12))
  const head = ['POST /once HTTP/1.1', 'Host: a', `Authorization: Bearer ${key}`, 'Content-Length: 20']
  socket.write(`${[...head, `Idempotency-Key: upload-${number}`].join('\r\n')}\r\n\r\n{"amount":`)
  return { socket, status }
}

describe.concurrent.each(Object.entries(hosts))('on %s', (_, host) => {
  test('five hundred uploads that stop in the middle cost no claim, keep nobody else waiting, and end at the deadline', async () => {
    const { store, asked } = counting()
    const keys = apiKeys({ store, prefix: 'acme' })
    const { key } = await keys.issue({ ownerId: 'org_1' })
    let runs = 0
    const server = host({
      options: { keys },
      once: { store, scope: 'caller', bodyTimeoutSeconds: 5 },
      handled: () => void runs++,
    })
    const url = await listening(server)
    const stopped = await Promise.all(Array.from({ length: uploads }, (_, number) => upload(url, key, number)))
    await until(
      () => asked.keys,
      (count) => count === uploads,
    )

    const other = await post(`${url}/once`, { authorization: `Bearer ${key}`, 'idempotency-key': 'other' })
    expect([other.status, runs, asked.claims]).toEqual([200, 1, 1])
    expect(stopped.filter(({ socket }) => socket.closed).length).toBeLessThan(uploads)

    const statuses = await Promise.all(stopped.map(({ status }) => status))
    expect(new Set(statuses)).toEqual(new Set(['408']))
    expect([runs, asked.claims]).toEqual([1, 1])
    server.close()
  })
})
