import type { BodyOptions, GuardRequest, RequestHeaders, WaitUntil } from '@latchkey/core'
import { readRequest } from './read-request.js'
import { SharedBody } from './shared-body.js'

/** A `Request` as guards see it. */
export class WebRequest implements GuardRequest {
  readonly method: string
  readonly url: string
  readonly headers: RequestHeaders
  readonly waitUntil: WaitUntil | undefined
  readonly #request: Request
  readonly #body: SharedBody
  readonly #addressOf: () => string | undefined

  constructor(request: Request, addressOf: () => string | undefined, waitUntil?: WaitUntil) {
    this.method = request.method
    this.url = request.url
    this.headers = {
      get: (name) => request.headers.get(name),
      // A fetch host has joined repeated lines before we see them.
      count: (name) => Number(request.headers.has(name)),
    }
    this.waitUntil = waitUntil
    this.#request = request
    this.#body = new SharedBody((options, share) => readRequest(request, options, share))
    this.#addressOf = addressOf
  }

  get remoteAddress(): string | undefined {
    return this.#addressOf()
  }

  readonly body = (options: BodyOptions): Promise<Uint8Array> => this.#body.read(options)

  /** The request for the handler: the very one, or, where a guard has read its body, one that reads the same bytes. */
  forHandler(): Request {
    const { bytes } = this.#body
    return bytes !== undefined && this.#request.bodyUsed ? rebuilt(this.#request, bytes) : this.#request
  }

  /** Called when the request is over. */
  release(): void {
    this.#body.release()
  }
}

/** The same request with its body still to be read. */
export function rebuilt(request: Request, bytes: Uint8Array): Request {
  const body = bytes as Uint8Array<ArrayBuffer>
  try {
    return new Request(request, { body })
  } catch {
    // A host's own kind of Request that this `Request` does not take for one.
    const { method, headers, signal } = request
    return new Request(request.url, { method, headers, signal, body })
  }
}
