import { type CredentialPlace, OptionReader, type RefusalCode, refusals } from '@latchkey/core'
import type { ComponentsObject, JsonObject, OperationObject, ResponsesObject } from './document.js'
import { problemHeaders, problemResponses, problemSchema } from './problem-responses.js'
import { securityRequirements, securitySchemes } from './security-schemes.js'

/** Options of `openApiGuards`. */
export interface OpenApiGuardsOptions {
  /** Where keys are looked for, as `credentials` of `apiKey` says. @defaultValue `[{ scheme: 'Bearer' }, { header: 'X-API-Key' }]` */
  readonly credentials?: readonly CredentialPlace[]
}

/** The guards before an operation. */
export interface GuardsOfOperation {
  /** `apiKey`, perhaps with the scopes that it requires. `optional`: requests without a key are let through. */
  readonly apiKey?: true | { readonly scopes?: readonly string[]; readonly optional?: boolean }
  /** `idempotency`: whether a request must have a key. */
  readonly idempotency?: 'required' | 'optional'
  /** `signature`, of whichever scheme: what it reads is the sender's own format. */
  readonly signature?: true
}

/** What a document of one's own says about guards. */
export interface OpenApiGuards {
  /** To be merged into the document's `components`: operations refer to it. */
  readonly components: ComponentsObject
  /**
   * The operation with what its guards add: `security`, the `Idempotency-Key` parameter, and the refusals among its responses.
   * What the operation says itself about a status stands.
   */
  operation<Operation extends OperationObject>(operation: Operation, guards: GuardsOfOperation): Operation
}

const isOf = {
  ApiKey: (code) => /^api-key-|^too-many-failed-attempts$|^https-required$/.test(code),
  Idempotency: (code) => /^idempotency-|^request-/.test(code),
  Signature: (code) => /^signature-|^request-/.test(code),
} as const satisfies Record<string, (code: RefusalCode) => boolean>

type Family = keyof typeof isOf

/**
 * The guards for an OpenAPI 3.1 document: security schemes, refusals, parameters, and what turns an operation into a guarded one.
 *
 * @example
 * ```ts
 * import { openApiGuards } from '@latchkey/openapi'
 *
 * const guards = openApiGuards()
 * const pay = { responses: { '201': { description: 'Paid' } } }
 * export const document = {
 *   openapi: '3.1.1',
 *   info: { title: 'Payments', version: '1.0.0' },
 *   components: guards.components,
 *   paths: {
 *     '/payments': { post: guards.operation(pay, { apiKey: { scopes: ['payments:write'] }, idempotency: 'required' }) },
 *   },
 * }
 * ```
 *
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function openApiGuards(options: OpenApiGuardsOptions = {}): OpenApiGuards {
  const read = new OptionReader<OpenApiGuardsOptions>('openApiGuards', options, ['credentials'])
  const places = read.optional('credentials', 'a list of places, as in apiKey', isPlaces) ?? usualPlaces
  return {
    components: {
      securitySchemes: securitySchemes(places),
      schemas: { Problem: problemSchema },
      headers: problemHeaders,
      parameters: { IdempotencyKey: idempotencyKey(false), RequiredIdempotencyKey: idempotencyKey(true) },
      responses: Object.fromEntries((Object.keys(isOf) as Family[]).flatMap(sharedResponses)),
    },
    operation: (operation, { apiKey, idempotency, signature }) => {
      const families: Family[] = []
      if (apiKey !== undefined) families.push('ApiKey')
      if (idempotency !== undefined) families.push('Idempotency')
      if (signature !== undefined) families.push('Signature')
      const { scopes = [], optional = false } = typeof apiKey === 'object' ? apiKey : {}
      const parameter = idempotency === 'required' ? 'RequiredIdempotencyKey' : 'IdempotencyKey'
      return {
        ...operation,
        ...(apiKey && { security: securityRequirements(places, scopes, optional) }),
        ...(idempotency && {
          parameters: [...(operation.parameters ?? []), { $ref: `#/components/parameters/${parameter}` }],
        }),
        responses: { ...guardResponses(families), ...operation.responses },
      }
    },
  }
}

/** As `apiKey` has them. */
const usualPlaces: readonly CredentialPlace[] = [{ scheme: 'Bearer' }, { header: 'X-API-Key' }]

function isPlaces(value: unknown): value is readonly CredentialPlace[] {
  return (
    Array.isArray(value) &&
    value.every((place) => {
      const [entry, ...others] = Object.entries(place ?? {})
      const isPlace = entry !== undefined && /^(scheme|header|query)$/.test(entry[0]) && typeof entry[1] === 'string'
      return isPlace && others.length === 0
    })
  )
}

function codesOf(family: Family): RefusalCode[] {
  return (Object.keys(refusals) as RefusalCode[]).filter(isOf[family])
}

/** The responses of one guard under the names that they have among the components, such as `ApiKey401`. */
function sharedResponses(family: Family): [string, JsonObject][] {
  return Object.entries(problemResponses(codesOf(family))).map(([status, response]) => [family + status, response])
}

/** A status that one guard alone answers with is referred to; of several guards a response is made that is any of theirs. */
function guardResponses(families: readonly Family[]): ResponsesObject {
  const merged = problemResponses([...new Set(families.flatMap(codesOf))])
  return Object.fromEntries(
    Object.entries(merged).map(([status, response]) => {
      const [own, ...others] = families.filter((family) =>
        codesOf(family).some((code) => `${refusals[code].status}` === status),
      )
      return [status, others.length === 0 ? { $ref: `#/components/responses/${own}${status}` } : response]
    }),
  )
}

function idempotencyKey(required: boolean): JsonObject {
  return {
    name: 'Idempotency-Key',
    in: 'header',
    required,
    description:
      'A fresh random key for each new operation, and the same one with each retry of it; a UUID is always right.',
    schema: { type: 'string', minLength: 1, maxLength: 512 },
  }
}
