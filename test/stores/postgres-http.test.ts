import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { idempotency } from '@latchkey/express'
import { postgresStore } from '@latchkey/stores/postgres'
import express from 'express'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openPg } from './postgres-clients.js'
import { atOnce, newSchema } from './postgres-records.js'
import { anyPostgres, noPostgres } from './postgres-server.js'

const reason = await noPostgres()
if (reason !== undefined) it.skip(`requests whose handlers share a pool with the guard (skipped: ${reason})`)

describe.skipIf(reason !== undefined)('two connections for the guard and the handlers', () => {
  const schema = newSchema()
  let server: Awaited<ReturnType<typeof anyPostgres>>
  let opened: ReturnType<typeof openPg>
  beforeAll(async () => {
    server = await anyPostgres()
    opened = openPg(server.url, { max: 2, connectionTimeoutMillis: 900 })
    await postgresStore({ client: opened.client, schema }).migrate()
    await opened.run(`CREATE TABLE "${schema}".payments (id text)`)
  })
  afterAll(async () => {
    await opened?.run(`DROP SCHEMA "${schema}" CASCADE`)
    await opened?.end()
    server?.remove()
  })

  test.each([
    ['200 requests at once', (index: number) => `key-${index}`],
    ['200 copies of one request at once', () => 'one-key'],
  ])('carry %s, and all of them get an answer', async (name, keyOf) => {
    const { client: pool } = opened
    const store = postgresStore({ client: pool, schema })
    const app = express()
    app.post('/payments', idempotency({ store, scope: 'everyone' }), async (req, res) => {
      const id = `${name} ${req.get('idempotency-key')}`
      const client = await pool.connect()
      try {
        await client.query('BEGIN')
        await client.query(`INSERT INTO "${schema}".payments VALUES ($1)`, [id])
        await client.query('COMMIT')
      } finally {
        client.release()
      }
      res.status(201).json({ id })
    })
    const http = app.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/payments`
    const post = (index: number) =>
      fetch(url, { method: 'POST', headers: { 'idempotency-key': keyOf(index) } }).then(({ status }) => status)
    const statuses = await atOnce(200, post)
    // 500: the handler itself got no connection in time.
    expect(statuses.filter((status) => ![201, 409, 500, 503].includes(status))).toEqual([])
    // Whoever was refused gets through when the rush is over.
    for (const [index, status] of statuses.entries()) if (status !== 201) expect(await post(index)).toBe(201)
    const paid = await opened.run(`SELECT id, count(*)::integer AS times FROM "${schema}".payments
      WHERE id LIKE '${name} %' GROUP BY id`)
    expect(paid.filter(({ times }) => times !== 1)).toEqual([])
    expect(paid).toHaveLength(new Set(Array.from({ length: 200 }, (_, index) => keyOf(index))).size)
    expect([pool.waitingCount, pool.totalCount - pool.idleCount]).toEqual([0, 0])
    http.close()
    http.closeAllConnections()
  })
})
