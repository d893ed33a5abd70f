import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { apiKeys, memoryStore } from '@latchkey/core'
import { describe, expect, test, vi } from 'vitest'
import { hosts, listening } from '../keys/key-hosts.js'
import { post, until } from '../processes/client.js'

vi.setConfig({ testTimeout: 60_000 })

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

/** Sends the head of a request and half of its body, and then nothing more. */
async function stoppedUpload(url: string, key: string, number: number): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => undefined).resume()
  const head = ['POST /once HTTP/1.1', 'Host: a', `Authorization: Bearer ${key}`, 'Content-Length: 20']
  socket.write(`${[...head, `Idempotency-Key: upload-${number}`].join('\r\n')}\r\n\r\n{"amount":`)
  return socket
}

describe.each(Object.entries(hosts))('on %s', (_, host) => {
  test('five hundred uploads that stop in the middle cost no claim, and nobody else has to wait for them', async () => {
    const { store, asked } = counting()
    const keys = apiKeys({ store, prefix: 'acme' })
    const { key } = await keys.issue({ ownerId: 'org_1' })
    let runs = 0
    const server = host({
      options: { keys },
      // Longer than the test: nothing here depends on how fast the machine is.
      once: { store, scope: 'caller', bodyTimeoutSeconds: 300 },
      handled: () => void runs++,
    })
    const url = await listening(server)
    const stopped = await Promise.all(Array.from({ length: uploads }, (_, index) => stoppedUpload(url, key, index)))
    await until(
      () => asked.keys,
      (count) => count === uploads,
    )

    const other = await post(`${url}/once`, { authorization: `Bearer ${key}`, 'idempotency-key': 'other' })
    expect([other.status, runs, asked.claims]).toEqual([200, 1, 1])
    expect(stopped.filter(({ closed }) => closed)).toEqual([])

    // Koa tells of each client that has gone.
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    for (const socket of stopped) socket.destroy()
    await until(promisify(server.getConnections.bind(server)), (count) => count === 0)
    expect([runs, asked.claims]).toEqual([1, 1])
    server.close()
  })
})
