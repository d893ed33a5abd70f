import type { OpenClient } from './postgres-clients.js'

const life = ['lookup', 'allowed_ips', 'rate_limit', 'idle_seconds', 'last_used_at_ms', 'rotated_to', 'rotated_from']
const functions = ['quotas_changed', 'insert_key', 'rotate_key', 'revoke_keys', 'remove_key']

/** What takes the tables from each version back to the one before, as that left them; keys keep the columns that they had there. */
const stepsBack: Readonly<Record<number, string>> = {
  5: 'DROP TABLE @.latchkey_rates;',
  4: `${functions.map((name) => `DROP FUNCTION @.latchkey_${name} CASCADE;`).join('\n')}
DROP TABLE @.latchkey_quotas, @.latchkey_owners;
DROP TRIGGER latchkey_keys_changed ON @.latchkey_keys;
ALTER TABLE @.latchkey_keys ${[...life, 'grace_on_use_seconds', 'meter_id'].map((column) => `DROP COLUMN ${column}`).join(', ')};
CREATE TRIGGER latchkey_keys_changed AFTER DELETE OR UPDATE OF id, revoked_at_ms
ON @.latchkey_keys FOR EACH ROW EXECUTE FUNCTION @.latchkey_keys_changed();`,
  3: 'DROP FUNCTION @.latchkey_keys_changed CASCADE;',
  2: 'DROP TABLE @.latchkey_tokens;',
}

/** The version that the tables are made in. */
export const newestVersion = Math.max(...Object.keys(stepsBack).map(Number))

/** Takes the tables of a schema back to an older version. */
export async function takeBack(run: OpenClient['run'], schema: string, version: number): Promise<void> {
  for (let from = newestVersion; from > version; from--) await run(stepsBack[from]!.replaceAll('@', `"${schema}"`))
  await run(`UPDATE "${schema}".latchkey_meta SET value = '${version}'`)
}
