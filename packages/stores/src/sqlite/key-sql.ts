import { keyColumns, quotaColumns } from '../key-row.js'
import type { Connection } from './connection.js'

const keys = 'latchkey_keys'
const quotas = 'latchkey_quotas'

/** The statements of {@link SqliteKeyStore}; whole records are keys with the quotas of their meters. */
export type KeySql = ReturnType<typeof keySql>

export function keySql(connection: Connection) {
  const whole = [...keyColumns.map((column) => `k.${column}`), ...quotaColumns.map((column) => `q.${column}`)]
  const selected = whole.map((column) => `${column} AS ${column.slice('k.'.length)}`).join(', ')
  const quota = `LEFT JOIN ${quotas} q ON q.meter_id = k.meter_id`
  const select = `SELECT ${selected} FROM ${keys} k ${quota}`
  // The part of the name is `null` where it cannot be looked for; names in another spelling are looked into later.
  const page = `k.id > ? AND (? IS NULL OR k.environment = ?)
    AND (? IS NULL OR instr(k.name, ?) > 0 OR substr(k.name, 1, 1) = char(1)) ORDER BY k.id LIMIT ?`
  const set = (columns: string) => connection.prepare(`UPDATE ${keys} SET ${columns} WHERE id = ?`)
  return {
    insert: connection.prepare(`INSERT INTO ${keys} (${keyColumns.join(', ')}) VALUES (${keyColumns.map(() => '?')})`),
    countActive: connection.prepare(
      `SELECT count(*) AS active FROM ${keys}
       WHERE owner_id = ? AND revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?)`,
    ),
    find: connection.prepare(`${select} WHERE k.id = ?`),
    findByLookup: connection.prepare(
      `SELECT ${selected} FROM json_each(?) asked JOIN ${keys} k ON k.lookup = asked.value ${quota}
       ORDER BY asked.key LIMIT 1`,
    ),
    list: connection.prepare(`${select} WHERE ${page}`),
    listOwner: connection.prepare(`${select} WHERE k.owner_id = ? AND ${page}`),
    meter: connection.prepare(`SELECT meter_id FROM ${keys} WHERE id = ?`),
    sharing: connection.prepare(`SELECT id FROM ${keys} WHERE meter_id = ?`),
    unrevoked: connection.prepare(`SELECT id FROM ${keys} WHERE owner_id = ? AND revoked_at_ms IS NULL`),
    /** What of a key is changed by hand. */
    set: (columns: readonly string[]) => set(columns.map((column) => `${column} = ?`).join(', ')),
    succeed: set('rotated_to = ?, expires_at_ms = ?'),
    shorten: set('expires_at_ms = min(coalesce(expires_at_ms, ?), ?)'),
    revoke: connection.prepare(
      `UPDATE ${keys} SET revoked_at_ms = ?, revocation_reason = ? WHERE id = ? AND revoked_at_ms IS NULL`,
    ),
    setDisabled: set('disabled_at_ms = ?'),
    touch: set('last_used_at_ms = max(coalesce(last_used_at_ms, ?), ?)'),
    rehash: set('algorithm = ?, pepper_id = ?, digest = ?, lookup = ?'),
    remove: connection.prepare(`DELETE FROM ${keys} WHERE id = ?`),
    quota: connection.prepare(`SELECT ${quotaColumns.join(', ')} FROM ${quotas} WHERE meter_id = ?`),
    setQuota: connection.prepare(
      `INSERT INTO ${quotas} (meter_id, ${quotaColumns.join(', ')}) VALUES (?, ${quotaColumns.map(() => '?')})
       ON CONFLICT (meter_id) DO UPDATE SET ${quotaColumns.map((column) => `${column} = excluded.${column}`)}`,
    ),
    endQuota: connection.prepare(`DELETE FROM ${quotas} WHERE meter_id = ?`),
  }
}
