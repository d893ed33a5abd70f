/** The schemas of what goes in and out of the management API, in JSON Schema 2020-12. */
type Schema = { readonly [name: string]: unknown }

const id = { type: 'string', pattern: '^[0-9A-Za-z]{12}$' }
const line = { type: 'string', minLength: 1, maxLength: 255 }
const time = { type: 'integer', description: 'Epoch milliseconds.' }
const count = { type: 'integer', minimum: 0, maximum: 1_000_000_000 }
const seconds = { type: 'integer', minimum: 1, maximum: 31_536_000 }
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] })

const scopes = {
  type: 'array',
  items: { type: 'string', maxLength: 128, pattern: '^(\\*|[a-z0-9_.-]+)(:(\\*|[a-z0-9_.-]+)){0,3}$' },
  maxItems: 256,
}
const allowedIps = orNull({ type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 256 })
const rateLimit = orNull({
  type: 'object',
  properties: { limit: { ...count, minimum: 1 }, windowSeconds: { ...seconds, maximum: 86_400 } },
  required: ['limit', 'windowSeconds'],
  additionalProperties: false,
})
const refill = orNull({
  type: 'object',
  properties: { amount: { ...count, minimum: 1 }, everySeconds: seconds },
  required: ['amount', 'everySeconds'],
  additionalProperties: false,
})
const idleSeconds = orNull({ type: 'integer', minimum: 120, maximum: 315_360_000 })
const expiresAtMs = orNull(time)

const chosen = {
  name: orNull(line),
  scopes,
  metadata: { type: 'object', description: 'JSON of at most 16384 characters, 100 levels deep.' },
  allowedIps,
  rateLimit,
  quota: orNull({
    type: 'object',
    properties: { remaining: count, refill },
    required: ['remaining'],
    additionalProperties: false,
  }),
  expiresAtMs,
  idleSeconds,
}

/** What everybody sees of a key: its holder, too. */
const plain = {
  id,
  display: { type: 'string', description: 'How the key is shown: nothing in it is secret.' },
  ownerId: line,
  environment: { type: 'string', pattern: '^[a-z]{2,12}$' },
  name: chosen.name,
  scopes,
  rateLimit,
  quota: orNull({
    type: 'object',
    properties: { remaining: count, refill, refillAtMs: orNull(time) },
    required: ['remaining', 'refill', 'refillAtMs'],
    additionalProperties: false,
  }),
  expiresAtMs,
}

const managed = {
  ...plain,
  metadata: { type: 'object' },
  allowedIps,
  createdAtMs: time,
  idleSeconds,
  lastUsedAtMs: orNull(time),
  rotatedTo: orNull(id),
  rotatedFrom: orNull(id),
  disabledAtMs: orNull(time),
  revokedAtMs: orNull(time),
  revocationReason: orNull(line),
}

const secret = { type: 'string', description: 'The key itself, this once.' }

/** A whole object, all of its members there and no others. */
function exactly(properties: Schema): Schema {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
}

function request(properties: Schema, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false }
}

/** By the names under which the description refers to them. */
export const keySchemas = {
  ApiKey: exactly(managed),
  IssuedApiKey: exactly({ key: secret, ...managed }),
  ApiKeyPage: exactly({
    keys: { type: 'array', items: { $ref: '#/components/schemas/ApiKey' } },
    next: { ...orNull(id), description: 'The cursor of the next page; null: there is none.' },
  }),
  OwnApiKey: exactly(plain),
  RevokedApiKeys: exactly({ revoked: { type: 'array', items: id } }),
  NewApiKey: request({ ownerId: line, environment: plain.environment, ...chosen }),
  ApiKeyChanges: request(chosen),
  ApiKeyRotation: request({
    graceSeconds: orNull({ type: 'integer', minimum: 0, maximum: 7_776_000 }),
    graceFrom: { enum: ['now', 'first-use', null] },
    expiresAtMs,
  }),
  Revocation: request({ reason: line }),
  RevocationOfOwner: request({ ownerId: line, reason: line }, ['ownerId']),
  Nothing: request({}),
} as const satisfies Readonly<Record<string, Schema>>

/** The parameters of the list. */
export const listParameters: readonly Schema[] = [
  { name: 'ownerId', in: 'query', schema: line },
  { name: 'environment', in: 'query', schema: plain.environment },
  { name: 'nameContains', in: 'query', schema: line },
  { name: 'cursor', in: 'query', description: '`next` of the page before.', schema: id },
  { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 } },
]

export const idParameter: Schema = { name: 'id', in: 'path', required: true, schema: id }
