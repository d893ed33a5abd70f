/** A server with one guarded route over a shared store, which dies where it is told to. */
import { appendFileSync, existsSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Store } from '@latchkey/core'
import { idempotency } from '@latchkey/express'
import { sqliteStore } from '@latchkey/stores/sqlite'
import express from 'express'
import { openStore } from '../lab/store.js'
import { openDatabase } from '../stores/sqlite-files.js'

const text = { type: 'string', default: '' } as const
const { values } = parseArgs({ options: { store: text, log: text, 'die-at': text, options: text } })
const dieAt = values['die-at']

/** Dies as by `kill -9`: nothing that is pending is done any more. */
function die(): never {
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

/** A line for each run of the handler and each event of the guard, which outlives the process. */
const note = (entry: object) => appendFileSync(values.log, `${JSON.stringify({ pid: process.pid, ...entry })}\n`)

function dying(store: Store): Store {
  const { idempotency } = store
  const [claim, settle] = [idempotency.claim.bind(idempotency), idempotency.settle.bind(idempotency)]
  idempotency.claim = async (request) => {
    const answer = await claim(request)
    if (dieAt === 'after the claim') die()
    return answer
  }
  idempotency.settle = async (...reply) => {
    if (dieAt === 'before it settles') die()
    const answer = settle(...reply)
    // What the client does within this turn of the event loop is done: the command is on its way.
    if (dieAt === 'while it settles') setImmediate(die)
    await answer
    if (dieAt === 'after it has settled') die()
    return answer
  }
  return store
}

/** SQLite settles within one call: to die meanwhile is to die between the write and its commit. */
function dyingBeforeCommit(file: string): Store {
  const database = openDatabase(file)
  const exec = database.exec.bind(database)
  let isSettling = false
  database.exec = (sql) => {
    if (isSettling && sql === 'COMMIT') die()
    return exec(sql)
  }
  const store = sqliteStore({ database })
  const settle = store.idempotency.settle.bind(store.idempotency)
  store.idempotency.settle = (...reply) => {
    isSettling = true
    return settle(...reply)
  }
  return store
}

async function main(): Promise<void> {
  const options = JSON.parse(values.options)
  const isSqlite = values.store.startsWith('sqlite:')
  const store =
    isSqlite && dieAt === 'while it settles'
      ? dyingBeforeCommit(values.store.slice('sqlite:'.length))
      : dying(await openStore(values.store, options.storeTimeoutSeconds))
  const once = idempotency({
    ...options,
    store,
    scope: 'everyone',
    observe: ({ type }) => note({ event: type }),
  })
  const app = express()
  app.post('/charge', once, express.json(), async (req, res) => {
    const { attempt } = once.grant(req)
    note({ attempt })
    if (dieAt === 'in the handler') die()
    // Gates: files that the test makes. At one the event loop stands still, at the other it goes on.
    const { 'x-stall-until': stall, 'x-wait-until': wait } = req.headers
    while (typeof stall === 'string' && !existsSync(stall));
    while (typeof wait === 'string' && !existsSync(wait)) await sleep(10)
    res.status(201).json({ pid: process.pid, attempt })
  })
  const server = app.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    console.log(JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: process.pid }))
  })
}

void main()
