import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { sqliteStore } from '@latchkey/stores/sqlite'
import { afterEach, expect, test } from 'vitest'
import { blankKey } from './blank-key.js'
import { databaseFile, openDatabase } from './sqlite-files.js'

const script = fileURLToPath(new URL('sqlite-process.mjs', import.meta.url))
const cleanUp: (() => void)[] = []

afterEach(() => {
  for (const work of cleanUp.splice(0).reverse()) work()
})

function newFile(): string {
  const { file, remove } = databaseFile()
  cleanUp.push(remove)
  return file
}

/** Processes that have all opened the file and wait for the word. */
async function start(file: string, task: string, names: readonly string[]): Promise<ChildProcess[]> {
  const children = names.map((name) => fork(script, [file, task, name], { execArgv: [] }))
  cleanUp.push(() => {
    for (const child of children) child.kill('SIGKILL')
  })
  await Promise.all(children.map((child) => once(child, 'message')))
  return children
}

async function answersOf<Answer>(children: readonly ChildProcess[]): Promise<Answer[]> {
  const answers = children.map(async (child) => (await once(child, 'message'))[0] as Answer)
  for (const child of children) child.send('go')
  return Promise.all(answers)
}

test('eight processes that open a new file at once and claim the same keys: each key has one winner', async () => {
  const file = newFile()
  const names = Array.from('abcdefgh')
  const answers = await answersOf<{ claims: string[]; reservations: string[] }>(await start(file, 'race', names))
  const keys = Array.from({ length: 100 }, (_, index) => `key ${index}`).sort()
  expect(answers.flatMap(({ claims }) => claims).sort()).toEqual(keys)
  expect(answers.flatMap(({ reservations }) => reservations).sort()).toEqual(keys)

  const store = sqliteStore({ file })
  for (const [index, { claims }] of answers.entries()) {
    for (const id of claims) {
      const record = await store.idempotency.find(id)
      expect(record).toMatchObject({ state: 'settled', attempt: 1 })
      expect(Buffer.from(record!.content!).toString()).toBe(names[index])
    }
  }
  await store.close()
}, 60_000)

test('a writer that is killed leaves an intact file with every record that it was told is settled', async () => {
  const file = newFile()
  const settled: string[] = []
  for (const name of ['a', 'b', 'c']) {
    const [child] = await start(file, 'write', [name])
    child!.on('message', (id: string) => {
      settled.push(id)
      if (settled.length % 40 === 0) child!.kill('SIGKILL')
    })
    child!.send('go')
    await once(child!, 'exit')
  }
  const database = openDatabase(file)
  expect(database.prepare('PRAGMA integrity_check').get()).toMatchObject({ integrity_check: 'ok' })
  database.close()

  const store = sqliteStore({ file })
  expect(settled.length).toBeGreaterThanOrEqual(120)
  for (const id of settled) {
    expect(Buffer.from((await store.idempotency.find(id))!.content!).equals(Buffer.alloc(5000, id))).toBe(true)
  }
  for (const record of await store.idempotency.list({ limit: 1000 }))
    expect(['settled', 'running']).toContain(record.state)
  await store.close()
}, 60_000)

test('revoking in one process and enabling in another, neither undoes the other', async () => {
  const file = newFile()
  const store = sqliteStore({ file })
  const ids = Array.from({ length: 50 }, (_, index) => `key${index}`)
  for (const id of ids) await store.keys.insert(blankKey(id, { disabledAtMs: 1 }))
  await answersOf(await start(file, 'revoke', ['a', 'b']))
  for (const [index, id] of ids.entries()) {
    expect(await store.keys.find(id)).toMatchObject({
      revokedAtMs: 1,
      revocationReason: 'leaked',
      disabledAtMs: index % 2 === 0 ? 2 : null,
    })
  }
  await store.close()
}, 60_000)

test('of 800 requests that eight processes count at once exactly as many are allowed as the limit says', async () => {
  const answers = await answersOf<number>(await start(newFile(), 'count', Array.from('abcdefgh')))
  expect(answers.reduce((sum, allowed) => sum + allowed, 0)).toBe(333)
}, 60_000)
