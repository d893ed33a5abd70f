import type { CountRequest } from '../rates.js'
import { storedText } from '../stored-text.js'
import type { Connection } from './connection.js'
import { ExpiredRows } from './expired-rows.js'

/** Windows are rows of the table `latchkey_rates`. */
export function sqliteWindows(connection: Connection, now: () => number): CountRequest {
  const find = connection.prepare('SELECT requests, expires_at_ms FROM latchkey_rates WHERE id = ?')
  const write = connection.prepare(
    `INSERT INTO latchkey_rates (id, requests, expires_at_ms) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET requests = excluded.requests, expires_at_ms = excluded.expires_at_ms`,
  )
  const expired = new ExpiredRows(connection, 'latchkey_rates')
  return (meterId, limit, windowMs) => {
    const id = storedText(meterId)
    const look = (nowMs: number) => {
      const row = connection.first(find, id)
      const endsAtMs = Number(row?.expires_at_ms)
      const isOpen = row !== undefined && nowMs < endsAtMs
      const before = isOpen ? Number(row.requests) : 0
      return { isNewRow: row === undefined, before, endsAtMs: isOpen ? endsAtMs : nowMs + windowMs }
    }
    return connection.run(() => {
      // What is refused takes no lock.
      const nowMs = now()
      const { before, endsAtMs } = look(nowMs)
      if (before >= limit) return { requests: before + 1, leftMs: endsAtMs - nowMs }
      return connection.transaction(() => {
        const nowMs = now()
        const { isNewRow, before, endsAtMs } = look(nowMs)
        if (before < limit) connection.write(write, id, before + 1, endsAtMs)
        if (isNewRow) expired.onNewRow(nowMs)
        return { requests: before + 1, leftMs: endsAtMs - nowMs }
      })
    })
  }
}
