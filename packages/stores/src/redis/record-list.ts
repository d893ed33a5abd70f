import { type IdempotencyRecord, type RecordQuery, StoreError } from '@latchkey/core'
import type { Connection } from './connection.js'
import { text } from './reply.js'

/** How many keys a server looks at in one step; it answers others between two. */
const keysAtOnce = 500

type Show = (id: string) => Promise<IdempotencyRecord | undefined>

/**
 * A page of records, found by a walk through all keys. There is no index: keeping one in step would put every record into one
 * hash slot, or cost each claim a second round trip. No more than the page and a step of the walk are held at a time.
 */
export async function listRecords(
  connection: Connection,
  prefix: string,
  { state, after = '', limit }: RecordQuery,
  show: Show,
): Promise<readonly IdempotencyRecord[]> {
  let page: IdempotencyRecord[] = []
  const isWanted = (id: string) => id > after && (page.length < limit || id <= page.at(-1)!.id)
  await eachStep(connection, prefix, async (ids) => {
    const shown = await Promise.all(ids.filter(isWanted).map((id) => unlessUnreadable(show(id))))
    const found = shown.filter((record) => record !== undefined && (state === undefined || record.state === state))
    // A walk may come by a record twice.
    const all = new Map([...page, ...(found as IdempotencyRecord[])].map((record) => [record.id, record]))
    page = [...all.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, limit)
  })
  return page
}

async function eachStep(
  connection: Connection,
  prefix: string,
  work: (ids: readonly string[]) => Promise<void>,
): Promise<void> {
  const whole = connection.ownPrefix + prefix
  const pattern = `${whole.replaceAll(/[\\*?[\]]/g, '\\$&')}*`
  await connection.onEachMaster(async (send) => {
    let cursor = '0'
    do {
      const reply = await send(['SCAN', cursor, 'MATCH', pattern, 'COUNT', String(keysAtOnce)])
      const [next, keys] = reply as [unknown, readonly unknown[]]
      cursor = text(next)
      await work(keys.map((key) => text(key).slice(whole.length)))
    } while (cursor !== '0')
  })
}

async function unlessUnreadable(record: ReturnType<Show>): Promise<IdempotencyRecord | undefined> {
  try {
    return await record
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'corrupt') return undefined
    throw error
  }
}
