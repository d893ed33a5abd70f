import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BodyOptions, GuardRequest, RequestHeaders } from '@latchkey/core'
import { RequestBody } from './body.js'

/** What only the framework knows about a request, each asked for when a guard asks. */
export interface Origin {
  /** Absolute, as the client addressed it. */
  url(): string
  /** As the framework's proxy setting resolves it. */
  remoteAddress(): string | undefined
}

/** A request of `node:http` as guards see it. */
export class NodeRequest implements GuardRequest {
  readonly method: string
  readonly headers: RequestHeaders
  readonly #req: IncomingMessage
  readonly #res: ServerResponse
  readonly #origin: Origin
  #contents: RequestBody | undefined
  #url: string | undefined

  constructor(req: IncomingMessage, res: ServerResponse, origin: Origin) {
    const { originalMethod, method } = req as IncomingMessage & { readonly originalMethod?: string }
    // Where a method was overridden, this is the property under which the one on the wire is kept.
    this.method = originalMethod ?? method ?? 'GET'
    this.headers = new HeaderLines(req)
    this.#req = req
    this.#res = res
    this.#origin = origin
  }

  get url(): string {
    this.#url ??= this.#origin.url()
    return this.#url
  }

  get remoteAddress(): string | undefined {
    return this.#origin.remoteAddress()
  }

  /** Whether the client has gone before anyone after us has read the body: Node discards it then, and parsers skip it. */
  get isBodyLost(): boolean {
    return this.#contents?.isLost === true
  }

  body(options: BodyOptions): Promise<Uint8Array> {
    if (this.#contents === undefined) {
      const contents = new RequestBody(this.#req)
      this.#contents = contents
      this.#res.once('close', () => contents.release())
    }
    return this.#contents.read(options)
  }
}

/** The field lines as they came: of two `Authorization` lines Node's own `headers` drop the second. */
class HeaderLines implements RequestHeaders {
  readonly #lines: readonly string[]

  constructor({ rawHeaders, headers }: IncomingMessage) {
    this.#lines = rawHeaders.length > 0 ? rawHeaders : linesOf(headers)
  }

  get(name: string): string | null {
    const lines = this.#lines
    let joined: string | null = null
    for (let i = 0; i < lines.length; i += 2) {
      if (isNamed(lines[i]!, name)) joined = joined === null ? lines[i + 1]! : `${joined}, ${lines[i + 1]}`
    }
    return joined
  }

  count(name: string): number {
    const lines = this.#lines
    let count = 0
    for (let i = 0; i < lines.length; i += 2) {
      if (isNamed(lines[i]!, name)) count += 1
    }
    return count
  }

  lines(name: string): readonly string[] {
    const lines = this.#lines
    return lines.filter((_, i) => i % 2 === 1 && isNamed(lines[i - 1]!, name))
  }
}

function isNamed(field: string, name: string): boolean {
  return field.length === name.length && (field === name || field.toLowerCase() === name)
}

/** Hosts without a wire of their own, serverless ones, fill in the parsed fields only. */
function linesOf(headers: IncomingMessage['headers']): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().flatMap((line) => [name, line]))
}
