import { keyColumns, quotaColumns } from '../key-row.js'
import type { Statement } from './client.js'
import { named } from './statement.js'

/** Whole records: keys `k` with the quotas `q` of their meters. */
const whole = [...keyColumns.map((column) => `k.${column}`), ...quotaColumns.map((column) => `q.${column}`)].join(', ')

/** `$1` and on, each of the type that its column has. */
const insertedRow = keyColumns.map((_, index) => `$${index + 1}`).join(', ')

/** $1 after, $2 how many, $3 environment or `null`, $4 a part of the name or `null`. */
const page = `k.id > $1::text AND ($3::text IS NULL OR k.environment = $3::text)
  AND ($4::text IS NULL OR position($4::text IN k.name) > 0 OR left(k.name, 1) = chr(1)) ORDER BY k.id LIMIT $2::integer`

/** The statements of keys; `$1` is the id where one key is meant. Those that have to look more than once are functions of the schema. */
export class KeySql {
  readonly #keys: string
  readonly #quotas: string
  /** The columns, the quota's, and how many active keys the owner may have. */
  readonly insert: Statement
  readonly find: Statement
  /** $1 is a JSON array, as a text: each client writes arrays and JSON in a way of its own. */
  readonly findByLookup: Statement
  readonly list: Statement
  /** $5 the owner. */
  readonly listOwner: Statement
  /** $2 to $9 the successor's own columns, $10 when the old key ends. */
  readonly rotate: Statement
  readonly shorten: Statement
  readonly revoke: Statement
  /** $1 the owner. Answers with ids. */
  readonly revokeAll: Statement
  readonly setDisabled: Statement
  readonly remove: Statement
  readonly touch: Statement
  /** $2 to $4 the digest before, $5 to $8 the digest and lookup after. */
  readonly rehash: Statement
  /** $1 the meter, $2 now. Answers with what was left before. */
  readonly spend: Statement

  constructor(schema: string) {
    const keys = `${schema}.latchkey_keys`
    const quotas = `${schema}.latchkey_quotas`
    const select = `SELECT ${whole} FROM ${keys} k LEFT JOIN ${quotas} q ON q.meter_id = k.meter_id`
    const after = keyColumns.length
    this.#keys = keys
    this.#quotas = quotas
    this.insert = named(
      'key_insert',
      `SELECT ${schema}.latchkey_insert_key(ROW(${insertedRow})::${keys},
  $${after + 1}::bigint, $${after + 2}::bigint, $${after + 3}::bigint, $${after + 4}::bigint, $${after + 5}::integer)`,
    )
    this.find = named('key_find', `${select} WHERE k.id = $1::text`)
    this.findByLookup = named(
      'key_find_lookup',
      `${select} JOIN jsonb_array_elements_text($1::text::jsonb) WITH ORDINALITY AS asked (lookup, place)
  ON k.lookup = asked.lookup COLLATE "C" ORDER BY asked.place LIMIT 1`,
    )
    this.list = named('key_list', `${select} WHERE ${page}`)
    this.listOwner = named('key_list_owner', `${select} WHERE k.owner_id = $5::text AND ${page}`)
    this.rotate = named(
      'key_rotate',
      `SELECT ${schema}.latchkey_rotate_key($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::bigint, $8::bigint,
  $9::bigint, $10::bigint)`,
    )
    this.shorten = named(
      'key_shorten',
      `UPDATE ${keys} SET expires_at_ms = least(expires_at_ms, $2::bigint) WHERE id = $1::text RETURNING 1`,
    )
    this.revoke = named(
      'key_revoke',
      `UPDATE ${keys} SET revoked_at_ms = coalesce(revoked_at_ms, $2::bigint),
  revocation_reason = CASE WHEN revoked_at_ms IS NULL THEN $3::text ELSE revocation_reason END
WHERE id = $1::text RETURNING 1`,
    )
    this.revokeAll = named('key_revoke_all', `SELECT ${schema}.latchkey_revoke_keys($1::text, $2::bigint, $3::text)`)
    this.setDisabled = named(
      'key_disable',
      `UPDATE ${keys} SET disabled_at_ms = $2::bigint WHERE id = $1::text RETURNING 1`,
    )
    this.remove = named('key_remove', `SELECT 1 WHERE ${schema}.latchkey_remove_key($1::text)`)
    this.touch = named(
      'key_touch',
      `UPDATE ${keys} SET last_used_at_ms = greatest(last_used_at_ms, $2::bigint) WHERE id = $1::text RETURNING 1`,
    )
    this.rehash = named(
      'key_rehash',
      `UPDATE ${keys} k SET algorithm = $5::text, pepper_id = $6::text, digest = $7::text, lookup = $8::text
WHERE k.id = $1::text AND k.algorithm = $2::text AND k.pepper_id IS NOT DISTINCT FROM $3::text AND k.digest = $4::text
  AND NOT EXISTS (SELECT FROM ${keys} other WHERE other.lookup = $8::text AND other.id <> k.id) RETURNING 1`,
    )
    // The lock comes first, and what is read under it is what is written: of those that come at once each sees the one before.
    this.spend = named(
      'quota_spend',
      `WITH held AS MATERIALIZED (SELECT * FROM ${quotas} WHERE meter_id = $1::text FOR UPDATE),
due AS (
  SELECT *, CASE WHEN refill_at_ms <= $2::bigint THEN ($2::bigint - refill_at_ms) / (every_seconds * 1000) + 1 END AS refills
  FROM held
),
standing AS (
  SELECT CASE WHEN refills > 0 THEN amount ELSE remaining END AS remaining,
    refill_at_ms + coalesce(refills * every_seconds * 1000, 0) AS refill_at_ms
  FROM due
),
spent AS (
  UPDATE ${quotas} q SET remaining = s.remaining - 1, refill_at_ms = s.refill_at_ms FROM standing s
  WHERE q.meter_id = $1::text AND s.remaining > 0
)
SELECT remaining, refill_at_ms FROM standing`,
    )
  }

  /** $2 and on what these columns are to hold. */
  update(columns: readonly string[]): Statement {
    return named('key_update', `${this.#update(columns)} RETURNING 1`)
  }

  /** The same, and then the quota's columns. Answers with the ids of all keys that share it. */
  setQuota(columns: readonly string[]): Statement {
    const first = columns.length + 2
    const values = quotaColumns.map((_, index) => `$${first + index}::bigint`).join(', ')
    return named(
      'key_set_quota',
      `WITH changed AS (${this.#update(columns)} RETURNING meter_id),
metered AS (
  INSERT INTO ${this.#quotas} (meter_id, ${quotaColumns.join(', ')}) SELECT meter_id, ${values} FROM changed
  ON CONFLICT (meter_id) DO UPDATE SET ${quotaColumns.map((column) => `${column} = excluded.${column}`).join(', ')}
)
${this.#sharing}`,
    )
  }

  endQuota(columns: readonly string[]): Statement {
    return named(
      'key_end_quota',
      `WITH changed AS (${this.#update(columns)} RETURNING meter_id),
ended AS (DELETE FROM ${this.#quotas} q USING changed WHERE q.meter_id = changed.meter_id)
${this.#sharing}`,
    )
  }

  #update(columns: readonly string[]): string {
    const changes = columns.map((column, index) => `${column} = $${index + 2}`)
    return `UPDATE ${this.#keys} SET ${changes.join(', ') || 'meter_id = meter_id'} WHERE id = $1::text`
  }

  get #sharing(): string {
    return `SELECT k.id FROM ${this.#keys} k JOIN changed ON k.meter_id = changed.meter_id`
  }
}
