import { keyChannel } from './key-channel.js'

/**
 * The step of the schema that gives keys limits, quotas and successors. What has to look again after it has waited for another is
 * a function: each statement in one sees what was committed before it, and where transactions see less, the row that both write
 * makes one of them start anew. `latchkey_owners` holds a row for each owner whose keys are counted, to take turns on.
 */
export const keyLife = `ALTER TABLE @.latchkey_keys
  ADD COLUMN lookup text COLLATE "C",
  ADD COLUMN allowed_ips text COLLATE "C",
  ADD COLUMN rate_limit text COLLATE "C",
  ADD COLUMN idle_seconds bigint,
  ADD COLUMN last_used_at_ms bigint,
  ADD COLUMN rotated_to text COLLATE "C",
  ADD COLUMN rotated_from text COLLATE "C",
  ADD COLUMN grace_on_use_seconds bigint,
  ADD COLUMN meter_id text COLLATE "C";
UPDATE @.latchkey_keys SET meter_id = id;
ALTER TABLE @.latchkey_keys ALTER COLUMN meter_id SET NOT NULL;
CREATE UNIQUE INDEX latchkey_keys_of_lookup ON @.latchkey_keys (lookup) WHERE lookup IS NOT NULL;
CREATE INDEX latchkey_keys_of_meter ON @.latchkey_keys (meter_id);
CREATE TABLE @.latchkey_quotas (
  meter_id text COLLATE "C" PRIMARY KEY,
  remaining bigint NOT NULL,
  amount bigint,
  every_seconds bigint,
  refill_at_ms bigint
);
CREATE TABLE @.latchkey_owners (
  owner_id text COLLATE "C" PRIMARY KEY,
  turns bigint NOT NULL
);
DROP TRIGGER latchkey_keys_changed ON @.latchkey_keys;
CREATE TRIGGER latchkey_keys_changed AFTER DELETE OR UPDATE OF id, prefix, environment, algorithm, pepper_id, digest, name, owner_id,
scopes, metadata, created_at_ms, expires_at_ms, disabled_at_ms, revoked_at_ms, revocation_reason, lookup, allowed_ips, rate_limit,
idle_seconds, rotated_to, rotated_from, grace_on_use_seconds, meter_id
ON @.latchkey_keys FOR EACH ROW EXECUTE FUNCTION @.latchkey_keys_changed();
CREATE FUNCTION @.latchkey_quotas_changed() RETURNS trigger LANGUAGE plpgsql AS $quotas$
BEGIN
PERFORM pg_catalog.pg_notify('${keyChannel}', pg_catalog.concat(TG_TABLE_SCHEMA, '.', k.id))
FROM @.latchkey_keys k WHERE k.meter_id IN (OLD.meter_id, NEW.meter_id);
RETURN NULL;
END
$quotas$;
CREATE TRIGGER latchkey_quotas_changed AFTER INSERT OR DELETE OR UPDATE OF meter_id, amount, every_seconds
ON @.latchkey_quotas FOR EACH ROW EXECUTE FUNCTION @.latchkey_quotas_changed();
CREATE TRIGGER latchkey_quotas_emptied AFTER TRUNCATE
ON @.latchkey_quotas FOR EACH STATEMENT EXECUTE FUNCTION @.latchkey_keys_changed();
CREATE FUNCTION @.latchkey_insert_key(
  given @.latchkey_keys, remaining bigint, amount bigint, every_seconds bigint, refill_at_ms bigint, max_active integer
) RETURNS text LANGUAGE plpgsql AS $insert$
DECLARE
is_taken boolean;
active bigint;
BEGIN
IF max_active IS NOT NULL THEN
INSERT INTO @.latchkey_owners AS o VALUES (given.owner_id, 1)
ON CONFLICT (owner_id) DO UPDATE SET turns = o.turns + 1;
SELECT EXISTS (SELECT FROM @.latchkey_keys k WHERE k.id = given.id OR k.lookup = given.lookup) INTO is_taken;
SELECT count(*) INTO active FROM @.latchkey_keys k WHERE k.owner_id = given.owner_id AND k.revoked_at_ms IS NULL
AND (k.expires_at_ms IS NULL OR k.expires_at_ms > given.created_at_ms);
IF NOT is_taken AND active >= max_active THEN
RETURN 'full';
END IF;
END IF;
INSERT INTO @.latchkey_keys SELECT given.* ON CONFLICT DO NOTHING;
IF FOUND THEN
IF remaining IS NOT NULL THEN
INSERT INTO @.latchkey_quotas AS q VALUES (given.meter_id, remaining, amount, every_seconds, refill_at_ms)
ON CONFLICT (meter_id) DO UPDATE SET remaining = excluded.remaining, amount = excluded.amount,
every_seconds = excluded.every_seconds, refill_at_ms = excluded.refill_at_ms;
END IF;
RETURN 'ok';
END IF;
PERFORM FROM @.latchkey_keys k WHERE k.id = given.id AND k.owner_id = given.owner_id AND k.algorithm = given.algorithm
AND k.pepper_id IS NOT DISTINCT FROM given.pepper_id AND k.digest = given.digest
AND k.lookup IS NOT DISTINCT FROM given.lookup AND k.created_at_ms = given.created_at_ms;
RETURN CASE WHEN FOUND THEN 'ok' ELSE 'taken' END;
END
$insert$;
CREATE FUNCTION @.latchkey_rotate_key(
  old_id text, new_id text, new_prefix text, new_algorithm text, new_pepper_id text, new_digest text, new_created_at_ms bigint,
  new_expires_at_ms bigint, new_grace_on_use_seconds bigint, old_ends_at_ms bigint
) RETURNS text LANGUAGE plpgsql AS $rotate$
DECLARE
key @.latchkey_keys;
BEGIN
SELECT * INTO key FROM @.latchkey_keys k WHERE k.id = old_id FOR UPDATE;
IF NOT FOUND THEN RETURN 'absent'; END IF;
IF key.revoked_at_ms IS NOT NULL THEN RETURN 'revoked'; END IF;
IF key.rotated_to IS NOT NULL THEN RETURN 'rotated'; END IF;
IF key.expires_at_ms <= new_created_at_ms THEN RETURN 'expired'; END IF;
key.id := new_id;
key.prefix := new_prefix;
key.algorithm := new_algorithm;
key.pepper_id := new_pepper_id;
key.digest := new_digest;
key.created_at_ms := new_created_at_ms;
key.expires_at_ms := new_expires_at_ms;
key.grace_on_use_seconds := new_grace_on_use_seconds;
key.rotated_from := old_id;
key.lookup := NULL;
key.last_used_at_ms := NULL;
INSERT INTO @.latchkey_keys SELECT key.* ON CONFLICT DO NOTHING;
IF NOT FOUND THEN RETURN 'taken'; END IF;
UPDATE @.latchkey_keys k SET rotated_to = new_id, expires_at_ms = least(k.expires_at_ms, old_ends_at_ms) WHERE k.id = old_id;
RETURN 'ok';
END
$rotate$;
CREATE FUNCTION @.latchkey_revoke_keys(owner text, at_ms bigint, reason text) RETURNS SETOF text LANGUAGE plpgsql AS $revoke$
BEGIN
LOOP
RETURN QUERY UPDATE @.latchkey_keys k SET revoked_at_ms = at_ms, revocation_reason = reason
WHERE k.owner_id = owner AND k.revoked_at_ms IS NULL RETURNING k.id;
EXIT WHEN NOT FOUND;
END LOOP;
END
$revoke$;
CREATE FUNCTION @.latchkey_remove_key(removed_id text) RETURNS boolean LANGUAGE plpgsql AS $remove$
DECLARE
meter text;
BEGIN
SELECT k.meter_id INTO meter FROM @.latchkey_keys k WHERE k.id = removed_id FOR UPDATE;
IF NOT FOUND THEN RETURN false; END IF;
UPDATE @.latchkey_quotas q SET remaining = q.remaining WHERE q.meter_id = meter;
DELETE FROM @.latchkey_keys k WHERE k.id = removed_id;
DELETE FROM @.latchkey_quotas q
WHERE q.meter_id = meter AND NOT EXISTS (SELECT FROM @.latchkey_keys k WHERE k.meter_id = meter);
RETURN true;
END
$remove$;`
