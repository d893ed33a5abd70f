import type { SqliteDatabase } from '@latchkey/stores/sqlite'

const life = [
  ...['lookup', 'allowed_ips', 'rate_limit', 'idle_seconds', 'last_used_at_ms', 'rotated_to', 'rotated_from'],
  ...['grace_on_use_seconds', 'meter_id'],
]

/** What takes the tables from each version back to the one before, as that left them; keys keep the columns that they had there. */
const stepsBack: Readonly<Record<number, string>> = {
  4: 'DROP TABLE latchkey_rates;',
  3: `DROP TABLE latchkey_quotas; DROP INDEX latchkey_keys_of_lookup; DROP INDEX latchkey_keys_of_meter;
${life.map((column) => `ALTER TABLE latchkey_keys DROP COLUMN ${column};`).join('\n')}`,
  2: 'DROP TABLE latchkey_tokens;',
}

/** The version that the tables are made in. */
export const newestVersion = Math.max(...Object.keys(stepsBack).map(Number))

/** Takes the tables back to an older version. */
export function takeBack(database: SqliteDatabase, version: number): void {
  for (let from = newestVersion; from > version; from--) database.exec(stepsBack[from]!)
  database.exec(`UPDATE latchkey_meta SET value = '${version}' WHERE name = 'schema'`)
}
