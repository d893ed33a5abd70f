/** The parts of an OpenAPI 3.1 document that are written here: plain objects, to be spread into a document of one's own. */
export type JsonObject = { readonly [name: string]: unknown }

/** A response of an operation, or a reference to one. */
export interface ResponseObject extends JsonObject {
  readonly description?: string
}

/** Responses by status. */
export type ResponsesObject = Readonly<Record<string, ResponseObject>>

/** What an operation has that a guard adds to; whatever else it has stays as it is. */
export interface OperationObject extends JsonObject {
  readonly parameters?: readonly JsonObject[]
  readonly responses?: ResponsesObject
  readonly security?: readonly JsonObject[]
}

/** What is referred to from operations. */
export interface ComponentsObject extends JsonObject {
  readonly securitySchemes: Readonly<Record<string, JsonObject>>
  readonly schemas: Readonly<Record<string, JsonObject>>
  readonly responses: Readonly<Record<string, ResponseObject>>
  readonly headers: Readonly<Record<string, JsonObject>>
  readonly parameters: Readonly<Record<string, JsonObject>>
}
