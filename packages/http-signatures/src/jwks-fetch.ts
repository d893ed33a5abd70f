import type { FetchImplementation } from 'jose'

/** A fetch of at most `maxBytes`: a host that never stops sending is cut off. Anything but 200 is a failure. */
export function boundedFetch(inner: typeof fetch, maxBytes: number): FetchImplementation {
  return async (url, options) => {
    const response = await inner(url, options)
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(`The key set was answered with ${response.status}`)
    }
    return new Response(await read(response, maxBytes))
  }
}

async function read({ body }: Response, maxBytes: number): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  if (body === null) return new Blob([])
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return new Blob(pieces)
    length += value.length
    if (length > maxBytes) {
      await reader.cancel()
      throw new Error(`The key set has more than ${maxBytes} bytes`)
    }
    pieces.push(value as Uint8Array<ArrayBuffer>)
  }
}
