import type { GuardRequest, RequestHeaders } from '@latchkey/core'

/** A request as an adapter hands it to a guard, without a server: what a guard costs by itself. */
export function guardRequest(
  method: string,
  fields: Readonly<Record<string, string>>,
  bytes: Uint8Array = new Uint8Array(0),
): GuardRequest {
  const headers: RequestHeaders = {
    get: (name) => fields[name] ?? null,
    count: (name) => (fields[name] === undefined ? 0 : 1),
  }
  const body = Promise.resolve(bytes)
  return { method, url: 'https://api.example.test/v1/payments', headers, remoteAddress: '192.0.2.1', body: () => body }
}
