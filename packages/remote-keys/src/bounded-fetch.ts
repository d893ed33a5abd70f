import { KeyHostError } from './key-host-error.js'

/** Bounds of a fetch. */
export interface FetchBounds {
  readonly fetch: typeof fetch
  /** Most milliseconds until the last byte. */
  readonly timeoutMs: number
  /** Most bytes of an answer. */
  readonly maxBytes: number
}

/** What a host has answered; its status is 200, or says that there is no such key. */
export interface FetchedAnswer {
  readonly status: number
  readonly bytes: Uint8Array
}

/** What is asked for; a POST has a body. */
export interface KeyRequest {
  readonly url: string
  /** JSON to post. @defaultValue none: a GET */
  readonly json?: string
}

/** Statuses that say that there is no such key; any other but 200 says nothing about it. */
const noSuchKey: ReadonlySet<number> = new Set([400, 404, 410])

/**
 * The one place from which keys are fetched: no redirect is followed, a slow host is left after `timeoutMs` and an endless
 * answer cut off at `maxBytes`, whether or not `fetch` heeds its signal. The caller has checked where the URL leads.
 *
 * @throws KeyHostError by rejection.
 */
export async function boundedFetch({ url, json }: KeyRequest, bounds: FetchBounds): Promise<FetchedAnswer> {
  const controller = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new KeyHostError('timeout', `${hostOf(url)} did not answer within ${bounds.timeoutMs} ms`))
      controller.abort()
    }, bounds.timeoutMs)
  })
  const post = { method: 'POST', body: json, headers: { 'content-type': 'application/json' } } as RequestInit
  const init: RequestInit = { ...(json === undefined ? { method: 'GET' } : post), redirect: 'manual' }
  try {
    const answer = answered(url, { ...init, signal: controller.signal }, bounds)
    return await Promise.race([answer, late])
  } catch (error) {
    if (error instanceof KeyHostError) throw error
    throw new KeyHostError('unreachable', `${hostOf(url)} cannot be reached`, { cause: error })
  } finally {
    clearTimeout(timer)
    // Whatever is still under way has nobody left to read it.
    controller.abort()
  }
}

async function answered(url: string, init: RequestInit, bounds: FetchBounds): Promise<FetchedAnswer> {
  const response = await bounds.fetch(url, init)
  const { status } = response
  if (status !== 200 && !noSuchKey.has(status)) {
    response.body?.cancel().catch(() => {})
    throw new KeyHostError('status', `${hostOf(url)} answered with ${status}`)
  }
  return { status, bytes: await read(response, bounds.maxBytes, url) }
}

async function read({ body }: Response, maxBytes: number, url: string): Promise<Uint8Array> {
  if (body === null) return new Uint8Array(0)
  const pieces: Uint8Array[] = []
  let length = 0
  const reader = body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(pieces)
    length += value.length
    if (length > maxBytes) {
      reader.cancel().catch(() => {})
      throw new KeyHostError('too-large', `${hostOf(url)} answered with more than ${maxBytes} bytes`)
    }
    pieces.push(value)
  }
}

function hostOf(url: string): string {
  return new URL(url).host
}
