import { randomUUID } from 'node:crypto'
import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import type { Caller, Lab } from './lab.js'

/** What a case sends. */
export interface Call {
  /** Whose key goes into `Authorization`. */
  readonly as?: Caller
  /** `Idempotency-Key`. */
  readonly key?: string
  /** A body of JSON. */
  readonly json?: unknown
  readonly body?: string | Uint8Array
  /** `Content-Type`. */
  readonly type?: string
  /** Further fields; a list is sent as that many lines. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly signal?: AbortSignal
}

/** What came back: the bytes as they were on the wire, no transfer coding, every content coding. */
export interface Answer {
  readonly status: number
  /** Names in lower case, in the order in which they came. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: Buffer
}

/** Sends one request, `'POST /idem/charge?kind=text'`, on a connection of its own. */
export function call(lab: Lab, line: string, options: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = send(lab, line, options)
    let answered = false
    request.on('response', (response) => {
      answered = true
      read(response).then(resolve, reject)
    })
    // After an early refusal the rest of an upload finds a closed connection; the answer counts.
    request.on('error', (error) => {
      if (!answered) reject(error)
    })
  })
}

/** Sends one request and hands out the response as it begins. */
export function begin(lab: Lab, line: string, options: Call = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    send(lab, line, options).on('response', resolve).on('error', reject)
  })
}

function send(lab: Lab, line: string, { as, key, json, body, type, headers = {}, signal }: Call): ClientRequest {
  const [method, path] = line.split(' ')
  const fields: OutgoingHttpHeaders = {}
  for (const [name, value] of Object.entries(headers)) fields[name] = typeof value === 'string' ? value : [...value]
  if (as !== undefined) fields.Authorization = `Bearer ${lab.keys[as]}`
  if (key !== undefined) fields['Idempotency-Key'] = key
  if (json !== undefined) fields['Content-Type'] = 'application/json'
  if (type !== undefined) fields['Content-Type'] = type
  const request = httpRequest(lab.url + path, {
    method,
    headers: fields,
    agent: false,
    ...(signal !== undefined && { signal }),
  })
  request.end(json === undefined ? body : JSON.stringify(json))
  return request
}

async function read(response: IncomingMessage): Promise<Answer> {
  const pieces = await response.toArray()
  const names = response.rawHeaders.filter((_, index) => index % 2 === 0)
  const headers = names.map((name, index) => [name.toLowerCase(), response.rawHeaders[2 * index + 1]!] as const)
  return { status: response.statusCode!, headers, body: Buffer.concat(pieces) }
}

/** The field's value, repeated fields joined; `undefined` where it is absent. */
export function field(answer: Answer, name: string): string | undefined {
  const values = answer.headers.filter(([present]) => present === name).map(([, value]) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

/** The body as JSON. */
export function jsonOf(answer: Answer): Record<string, unknown> {
  return JSON.parse(answer.body.toString())
}

/** An idempotency key that nobody has used. */
export function freshKey(): string {
  return randomUUID()
}

/** How often the lab's handler has run since the case began. */
export async function runs(lab: Lab): Promise<number> {
  return jsonOf(await call(lab, 'GET /lab/runs')).total as number
}

/** Puts faults between the guards and their store. */
export async function inject(lab: Lab, faults: Readonly<Record<string, string>>): Promise<void> {
  await call(lab, 'POST /lab/store', { json: faults })
}

/** Asks again until `found` is content, and answers what contented it. */
export async function until<T>(ask: () => Promise<T>, found: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask()
    if (found(answer)) return answer
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

/** Waits until the handler has been entered so many times. */
export async function entered(lab: Lab, times = 1): Promise<void> {
  await until(
    () => runs(lab),
    (count) => count >= times,
  )
}
