import { existsSync, readFileSync } from 'node:fs'
import type { Store } from '@latchkey/core'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { printed } from './sinks.js'

/** Everything that a store holds, as whoever steals it would have it. */
export async function storeDump(url: string, store: Store): Promise<Buffer> {
  if (url.startsWith('sqlite:')) return files(url.slice('sqlite:'.length))
  if (url.startsWith('postgres:')) return postgresRows(url)
  if (url.startsWith('redis:')) return redisValues(url)
  return memoryRecords(store)
}

/** Not closed yet: what has not reached the file is in its log. */
function files(path: string): Buffer {
  const there = [path, `${path}-wal`, `${path}-shm`].filter((file) => existsSync(file))
  return Buffer.concat(there.map((file) => readFileSync(file)))
}

/** Every row of every table, bytes in hex. */
async function postgresRows(connectionString: string): Promise<Buffer> {
  const client = new Client({ connectionString })
  await client.connect()
  try {
    const { rows: tables } = await client.query(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    )
    const dumps: string[] = []
    for (const { name } of tables) {
      const { rows } = await client.query(`SELECT row_to_json(t)::text AS row FROM ${name} t`)
      dumps.push(name, ...rows.map(({ row }) => row))
    }
    return Buffer.from(dumps.join('\n'))
  } finally {
    await client.end()
  }
}

/** Every key, as the server serialises it and as its type is read: the first of them may be compressed. */
async function redisValues(url: string): Promise<Buffer> {
  const client = new Redis(url)
  const parts: Buffer[] = []
  const keep = (answer: unknown): void => {
    for (const part of [answer].flat(9)) if (Buffer.isBuffer(part)) parts.push(part)
  }
  for await (const keys of client.scanStream({ count: 1000 })) {
    for (const key of keys as string[]) {
      parts.push(Buffer.from(key))
      keep(await client.dumpBuffer(key))
      const type = await client.type(key)
      if (type === 'string') keep(await client.getBuffer(key))
      if (type === 'hash') keep(Object.values(await client.hgetallBuffer(key)))
      if (type === 'zset') keep(await client.zrangeBuffer(key, '0', '-1'))
      if (type === 'set') keep(await client.smembersBuffer(key))
      if (type === 'list') keep(await client.lrangeBuffer(key, '0', '-1'))
    }
  }
  client.disconnect()
  return Buffer.concat(parts)
}

/** What its own contracts give out, and what it shows where it is printed. */
async function memoryRecords(store: Store): Promise<Buffer> {
  const records = await store.idempotency.list({ limit: 1000 })
  const whole = await Promise.all(records.map(({ id }) => store.idempotency.find(id)))
  const contents = whole.map((record) => Buffer.from(record?.content ?? []))
  const keys = await store.keys.list({ limit: 1000 })
  return Buffer.concat([printed(store), printed(whole), printed(keys), ...contents])
}
