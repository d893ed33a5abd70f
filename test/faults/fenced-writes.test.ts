import type { IdempotencyGrant } from '@latchkey/core'
import { memoryStore } from '@latchkey/core'
import { testClock } from '@latchkey/testing'
import { expect, test } from 'vitest'
import { frameworks, settlingHost } from '../adapters/settling-hosts.js'
import { databaseFile, openDatabase } from '../stores/sqlite-files.js'

/** As docs/idempotency.md says it: a row that a later attempt has written is no longer an earlier one's. */
const write = `INSERT INTO payments (reference, attempt, amount) VALUES (?, ?, ?)
  ON CONFLICT (reference) DO UPDATE SET attempt = excluded.attempt, amount = excluded.amount
  WHERE payments.attempt <= excluded.attempt`

test.each(frameworks)('on %s a handler that was overtaken cannot undo what its successor wrote', async (framework) => {
  const { file, remove } = databaseFile()
  const database = openDatabase(file)
  database.exec('CREATE TABLE payments (reference TEXT PRIMARY KEY, attempt INTEGER, amount INTEGER)')
  const statement = database.prepare(write)
  const clock = testClock()
  const begun = gate()
  const overtaken = gate()
  const written: Record<number, number> = {}

  const pay = async ({ attempt, derivedKey }: IdempotencyGrant) => {
    if (attempt === 1) {
      begun.open()
      await overtaken.opened
    }
    const { changes } = statement.run(derivedKey('payment'), attempt, 100 * attempt) as { changes: number }
    written[attempt] = Number(changes)
    return { status: 201, json: { attempt } }
  }
  const host = await settlingHost(framework, { store: memoryStore({ now: clock.now }), scope: 'everyone' }, pay)
  const first = host.post('pay', 'payment-1')
  await begun.opened
  clock.advanceSeconds(31)
  const second = await host.post('pay', 'payment-1')
  overtaken.open()
  const late = await first

  expect([second.status, await second.json()]).toEqual([201, { attempt: 2 }])
  expect([late.status, ((await late.json()) as { code: string }).code]).toEqual([409, 'idempotency-lease-lost'])
  expect(written).toEqual({ 1: 0, 2: 1 })
  expect(database.prepare('SELECT attempt, amount FROM payments').all()).toMatchObject([{ attempt: 2, amount: 200 }])
  await host.close()
  database.close()
  remove()
})

function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
