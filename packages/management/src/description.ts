import { OptionReader, type RefusalCode } from '@latchkey/core'
import { type JsonObject, type OpenApiGuardsOptions, openApiGuards, problemResponses } from '@latchkey/openapi'
import { idParameter, keySchemas, listParameters } from './key-schemas.js'
import { basePathRule, isBasePath, usualBasePath } from './management-options.js'

/** Options of `managementDescription`. */
export interface ManagementDescriptionOptions {
  /** Where the API stands. @defaultValue `'/api-keys'` */
  readonly basePath?: string
  /** Where `whoami` is mounted. @defaultValue none: it is not described */
  readonly whoamiPath?: string
  /** Where `whoami` looks for keys, as `credentials` of `apiKey` says. @defaultValue as `apiKey` */
  readonly credentials?: OpenApiGuardsOptions['credentials']
}

/** An OpenAPI 3.1 document; what is behind `authorize` is the application's own, and for it to add. */
export interface ManagementDescription extends JsonObject {
  readonly openapi: '3.1.1'
  readonly info: JsonObject
  readonly paths: Readonly<Record<string, Readonly<Record<string, JsonObject>>>>
  readonly components: JsonObject
}

/** What one operation is, beside what all have in common. */
interface Row {
  readonly id: string
  readonly summary: string
  readonly body?: keyof typeof keySchemas
  readonly isBodyRequired?: true
  readonly parameters?: readonly JsonObject[]
  /** The status of success, and what comes with it. */
  readonly success: readonly [status: number, schema?: keyof typeof keySchemas]
  readonly refusals?: readonly RefusalCode[]
}

const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  '': {
    get: { id: 'listApiKeys', summary: 'List keys', parameters: listParameters, success: [200, 'ApiKeyPage'] },
    post: {
      ...{ id: 'issueApiKey', summary: 'Issue a key', body: 'NewApiKey', isBodyRequired: true },
      ...{ success: [201, 'IssuedApiKey'], refusals: ['management-conflict'] },
    },
  },
  '/revoke-all': {
    post: {
      ...{ id: 'revokeApiKeysOfOwner', summary: 'Revoke all keys of an owner' },
      ...{ body: 'RevocationOfOwner', isBodyRequired: true, success: [200, 'RevokedApiKeys'] },
    },
  },
  '/openapi.json': { get: { id: 'describeApi', summary: 'This description', success: [200] } },
  '/{id}': {
    get: { id: 'readApiKey', summary: 'Look at a key', success: [200, 'ApiKey'] },
    patch: {
      ...{ id: 'updateApiKey', summary: 'Change a key', body: 'ApiKeyChanges', isBodyRequired: true },
      success: [200, 'ApiKey'],
    },
    delete: { id: 'removeApiKey', summary: 'Delete a key, without a trace', success: [204] },
  },
  '/{id}/rotate': {
    post: {
      ...{ id: 'rotateApiKey', summary: 'Put a new key in the place of this one', body: 'ApiKeyRotation' },
      ...{ success: [201, 'IssuedApiKey'], refusals: ['management-conflict'] },
    },
  },
  '/{id}/revoke': {
    post: { id: 'revokeApiKey', summary: 'End a key for good', body: 'Revocation', success: [200, 'ApiKey'] },
  },
  '/{id}/disable': {
    post: { id: 'disableApiKey', summary: 'Suspend a key', body: 'Nothing', success: [200, 'ApiKey'] },
  },
  '/{id}/enable': {
    post: { id: 'enableApiKey', summary: 'Let a suspended key go on', body: 'Nothing', success: [200, 'ApiKey'] },
  },
}

/**
 * The management API, and perhaps `whoami`, as an OpenAPI 3.1 document: `GET <basePath>/openapi.json` answers with the former. Paths
 * and components can be spread into a document of one's own.
 *
 * @example
 * ```ts
 * import { managementDescription } from '@latchkey/management'
 *
 * export const document = { ...managementDescription({ basePath: '/admin/api-keys' }), security: [{ session: [] }] }
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function managementDescription(options: ManagementDescriptionOptions = {}): ManagementDescription {
  const names = ['basePath', 'whoamiPath', 'credentials'] as const
  const read = new OptionReader<ManagementDescriptionOptions>('managementDescription', options, names)
  const basePath = read.optional('basePath', basePathRule, isBasePath) ?? usualBasePath
  const whoamiPath = read.optional('whoamiPath', basePathRule, isBasePath)
  const { credentials } = options
  const guards = openApiGuards(credentials === undefined ? {} : { credentials })
  const { schemas, headers } = guards.components
  const { OwnApiKey, ...managed } = keySchemas
  const paths: [string, Record<string, JsonObject>][] = Object.entries(rows).map(([path, methods]) => [
    basePath + path,
    Object.fromEntries(Object.entries(methods).map(([method, row]) => [method, operation(path, row)])),
  ])
  if (whoamiPath !== undefined) paths.push([whoamiPath, { get: guards.operation(whoamiOperation, { apiKey: true }) }])
  return {
    openapi: '3.1.1',
    info: { title: 'API keys', version: '1', description: 'Issue, list, rotate and revoke API keys.' },
    paths: Object.fromEntries(paths),
    components: {
      ...(whoamiPath !== undefined && guards.components),
      schemas: { ...schemas, ...managed, ...(whoamiPath !== undefined && { OwnApiKey }) },
      headers: { ...headers, Location: location },
    },
  }
}

const whoamiOperation = {
  operationId: 'whoami',
  summary: 'What the key of this request is, and what is left of its limits',
  responses: {
    200: {
      description: 'Done',
      headers: {
        RateLimit: { $ref: '#/components/headers/RateLimit' },
        'RateLimit-Policy': { $ref: '#/components/headers/RateLimit-Policy' },
      },
      content: jsonOf('OwnApiKey'),
    },
  },
} as const

const location = { description: 'The path of the new key.', schema: { type: 'string' } }

function operation(path: string, row: Row): JsonObject {
  const codes: RefusalCode[] = [
    ...(['management-request-invalid', 'management-forbidden', 'management-unavailable'] as const),
    ...(path === '/openapi.json' ? [] : (['api-key-store-unavailable'] as const)),
    ...(path.includes('{id}') ? (['management-not-found'] as const) : []),
    ...(row.body ? (['management-media-type', 'request-too-large', 'request-timeout'] as const) : []),
    ...(row.refusals ?? []),
  ]
  const [status, schema] = row.success
  const parameters = [...(path.includes('{id}') ? [idParameter] : []), ...(row.parameters ?? [])]
  return {
    operationId: row.id,
    summary: row.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(row.body && { requestBody: { required: row.isBodyRequired ?? false, content: jsonOf(row.body) } }),
    responses: { [status]: success(status, schema), ...problemResponses(codes) },
  }
}

function success(status: number, schema: keyof typeof keySchemas | undefined): JsonObject {
  if (status === 204) return { description: 'Deleted' }
  return {
    description: status === 201 ? 'Made; the key is shown this once' : 'Done',
    ...(status === 201 && { headers: { Location: { $ref: '#/components/headers/Location' } } }),
    content: schema === undefined ? { 'application/json': {} } : jsonOf(schema),
  }
}

function jsonOf(schema: keyof typeof keySchemas): JsonObject {
  return { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } }
}
