import { ConfigurationError } from '@latchkey/core'
import { keyChannel } from './key-channel.js'
import { keyLife } from './key-life.js'

/**
 * What brings the tables from each version to the next, the first of them from none. `@` stands for the schema. Texts are compared
 * and ordered by their bytes, whatever the database's own collation is. There is no index on what expires: with one, no update
 * of a record could stay on its page. The trigger names the columns of which verification depends, so that others can be written often.
 */
const steps: readonly string[] = [
  `CREATE TABLE @.latchkey_idempotency (
  id text COLLATE "C" PRIMARY KEY,
  scope text COLLATE "C" NOT NULL,
  fingerprint text COLLATE "C" NOT NULL,
  token text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  attempt integer NOT NULL,
  created_at_ms bigint NOT NULL,
  lease_until_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL,
  content bytea
);
CREATE TABLE @.latchkey_replay (
  id text COLLATE "C" PRIMARY KEY,
  token text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  lease_until_ms bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);
CREATE TABLE @.latchkey_keys (
  id text COLLATE "C" PRIMARY KEY,
  prefix text COLLATE "C" NOT NULL,
  environment text COLLATE "C" NOT NULL,
  algorithm text COLLATE "C" NOT NULL,
  pepper_id text COLLATE "C",
  digest text COLLATE "C" NOT NULL,
  name text COLLATE "C",
  owner_id text COLLATE "C" NOT NULL,
  scopes text COLLATE "C" NOT NULL,
  metadata text COLLATE "C" NOT NULL,
  created_at_ms bigint NOT NULL,
  expires_at_ms bigint,
  disabled_at_ms bigint,
  revoked_at_ms bigint,
  revocation_reason text COLLATE "C"
);
CREATE INDEX latchkey_keys_of_owner ON @.latchkey_keys (owner_id, id);`,
  `CREATE TABLE @.latchkey_tokens (
  id text COLLATE "C" PRIMARY KEY,
  subject text COLLATE "C" NOT NULL,
  purpose text COLLATE "C" NOT NULL,
  is_only boolean NOT NULL,
  data text COLLATE "C" NOT NULL,
  expires_at_ms bigint NOT NULL
);
CREATE INDEX latchkey_tokens_of_subject ON @.latchkey_tokens (subject, purpose);
CREATE UNIQUE INDEX latchkey_tokens_only ON @.latchkey_tokens (subject, purpose) WHERE is_only;`,
  `CREATE FUNCTION @.latchkey_keys_changed() RETURNS trigger LANGUAGE plpgsql AS $changed$
BEGIN
IF TG_OP = 'TRUNCATE' THEN
PERFORM pg_catalog.pg_notify('${keyChannel}', pg_catalog.concat(TG_TABLE_SCHEMA, '.'));
ELSE
PERFORM pg_catalog.pg_notify('${keyChannel}', pg_catalog.concat(TG_TABLE_SCHEMA, '.', OLD.id));
END IF;
RETURN NULL;
END
$changed$;
CREATE TRIGGER latchkey_keys_changed AFTER DELETE OR UPDATE OF id, prefix, environment, algorithm, pepper_id, digest, name, owner_id,
scopes, metadata, created_at_ms, expires_at_ms, disabled_at_ms, revoked_at_ms, revocation_reason
ON @.latchkey_keys FOR EACH ROW EXECUTE FUNCTION @.latchkey_keys_changed();
CREATE TRIGGER latchkey_keys_emptied AFTER TRUNCATE
ON @.latchkey_keys FOR EACH STATEMENT EXECUTE FUNCTION @.latchkey_keys_changed();`,
  keyLife,
  `CREATE TABLE @.latchkey_rates (
  id text COLLATE "C" PRIMARY KEY,
  requests bigint NOT NULL,
  expires_at_ms bigint NOT NULL
);`,
]

/** Grows with every change to the tables. */
export const schemaVersion = steps.length

/** Checks the name of a schema, and tells it as SQL writes it. Names are no parameters in SQL, so few characters are let in. */
export function quotedSchema(schema: string): string {
  if (typeof schema === 'string' && /^[\w-]{1,63}$/.test(schema)) return `"${schema}"`
  const came = typeof schema === 'string' ? JSON.stringify(schema) : typeof schema
  throw new ConfigurationError(
    'invalid-option',
    `postgresStore: "schema" must be a name of 1 to 63 letters, digits, "_" and "-", it is ${came}`,
  )
}

/**
 * One SQL statement that makes the tables, or brings those of an older version up to this one, and changes nothing where they
 * are. It takes an advisory lock for its transaction, so that of any number at once one does the work.
 */
export function migrationSql(schema: string): string {
  const quoted = quotedSchema(schema)
  const upgrades = steps.map(
    (step, index) => `IF version < ${index + 1} THEN\n${step.replaceAll('@', quoted)}\nEND IF;`,
  )
  return `DO $latchkey$
DECLARE
version integer := 0;
BEGIN
PERFORM pg_advisory_xact_lock(hashtext('latchkey'), hashtext('${schema}'));
IF NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = '${schema}') THEN
CREATE SCHEMA ${quoted};
END IF;
IF NOT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = '${schema}' AND tablename = 'latchkey_meta') THEN
CREATE TABLE ${quoted}.latchkey_meta (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO ${quoted}.latchkey_meta VALUES ('schema', '0');
END IF;
SELECT value INTO STRICT version FROM ${quoted}.latchkey_meta WHERE name = 'schema';
${upgrades.join('\n')}
IF version < ${schemaVersion} THEN
UPDATE ${quoted}.latchkey_meta SET value = '${schemaVersion}' WHERE name = 'schema';
END IF;
END
$latchkey$;
`
}
