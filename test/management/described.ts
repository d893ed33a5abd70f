import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { expect } from 'vitest'
import type { Received } from './exchange.js'

/** What of a reply is compared. */
export type Compared = Pick<Received, 'status' | 'headers' | 'text' | 'json'>

// biome-ignore lint/suspicious/noExplicitAny: a JSON document, looked into by name
type Json = any

/** Compares replies with a description of them. */
export class Described {
  readonly #document: Json
  readonly #ajv: Ajv2020

  constructor(document: object) {
    this.#document = document
    this.#ajv = new Ajv2020({ strict: false, allErrors: true })
    formats.default(this.#ajv)
    this.#ajv.addSchema(document, 'document')
  }

  /** Fails unless the operation has a response like this one: its status, its media type, its schema, its header fields. */
  expects(method: string, path: string, received: Compared): void {
    const { status, headers } = received
    const what = `${method} ${path} ${status} ${received.text}`
    const response = this.#responseFor(method, path.replace(/\?.*$/, ''), status)
    // What no operation is there for has no response of its own, and is a refusal all the same.
    const schema = response === undefined ? { $ref: 'document#/components/schemas/Problem' } : undefined
    if (response === undefined) expect([404, 405], what).toContain(status)
    const isBodyless = method === 'HEAD' || status === 204
    if (isBodyless) expect(received.text, what).toBe('')
    const type = headers['content-type'] ?? ''
    const media = isBodyless ? {} : response === undefined ? { schema } : response.content?.[type]
    expect(media, what).toBeDefined()
    if (media.schema !== undefined) {
      expect(
        this.#ajv.validate(this.#absolute(media.schema), received.json),
        `${what}: ${this.#ajv.errorsText()}`,
      ).toBe(true)
    }
    const described = Object.keys(response?.headers ?? {}).map((name) => name.toLowerCase())
    const sent = ['retry-after', 'location', 'www-authenticate'].filter((name) => name in headers)
    expect(described, what).toEqual(expect.arrayContaining(sent))
  }

  /** Fails unless the operation says that it takes such a body. */
  takes(method: string, path: string, body: unknown): void {
    const { schema } = this.#operationFor(method, path)?.requestBody?.content['application/json'] ?? {}
    expect(schema, `${method} ${path}`).toBeDefined()
    expect(this.#ajv.validate(this.#absolute(schema), body), `${method} ${path}: ${this.#ajv.errorsText()}`).toBe(true)
  }

  #responseFor(method: string, path: string, status: number): Json {
    const operation = this.#operationFor(method, path)
    if (!operation) return undefined
    expect(Object.keys(operation.responses), `${method} ${path}`).toContain(`${status}`)
    const { $ref, ...response } = operation.responses[status]
    return $ref === undefined ? response : this.#document.components.responses[$ref.split('/').at(-1)]
  }

  #operationFor(method: string, path: string): Json {
    const template = Object.keys(this.#document.paths).find((candidate) =>
      new RegExp(`^${candidate.replaceAll('.', '\\.').replace('{id}', '[0-9A-Za-z]{12}')}$`).test(path),
    )
    return template && this.#document.paths[template][method === 'HEAD' ? 'get' : method.toLowerCase()]
  }

  /** References in the schema of a response are to the document. */
  #absolute(schema: Json): Json {
    return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'))
  }
}
