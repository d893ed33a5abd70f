import { type GrantsOf, type Guard, grantLedger, sequence } from '@latchkey/core'
import { conclude, concludeWithout } from './conclude.js'
import { toResponse } from './response.js'
import { WebRequest } from './web-request.js'

/** Guards by the names under which the handler finds their grants. */
export type Guards = Readonly<Record<string, Guard<unknown>>>

/** Options of {@link protect}. */
export interface ProtectOptions<Rest extends readonly unknown[]> {
  /**
   * The client's address, from whatever the host hands to the handler (`info.remoteAddr` on Deno, `server.requestIP` on
   * Bun, a trusted header behind a proxy). Guards that need an address see none where this is not given.
   *
   * @defaultValue no address
   */
  readonly remoteAddress?: (request: Request, ...rest: Rest) => string | undefined
  /**
   * Keeps the host at work until the promise has settled, though the response has left or the client has gone: on Workers
   * `(work, _request, _env, ctx) => ctx.waitUntil(work)`. The promise does not reject. Without it such a host ends the handler of
   * a client that went away, and the second try of a settlement that the store did not take: the key is then taken until its
   * lease lapses.
   *
   * @defaultValue nothing, which is right where the host ends no work by itself, as on Node, Bun and Deno
   */
  readonly waitUntil?: (work: Promise<unknown>, request: Request, ...rest: Rest) => void
}

/**
 * A fetch handler behind guards: for Workers, Deno, Bun, Next route handlers and every other host of
 * `(request: Request) => Promise<Response>`. The guards are asked in the order of their names; what the host passes after
 * the request (`env`, `ctx`, `params`) reaches the handler after the grants.
 *
 * @example
 * ```ts
 * import { apiKey, type ApiKeys, idempotency, type Store } from '@latchkey/core'
 * import { protect } from '@latchkey/fetch'
 *
 * export const payments = (keys: ApiKeys, store: Store) =>
 *   protect(
 *     { apiKey: apiKey({ keys }), idempotency: idempotency({ store, scope: 'caller' }) },
 *     async (request, { apiKey }) => Response.json({ owner: apiKey.ownerId, paid: await request.json() }, { status: 201 }),
 *   )
 * ```
 */
export function protect<const Protecting extends Guards, Rest extends readonly unknown[] = []>(
  guards: Protecting,
  handler: (request: Request, grants: GrantsOf<Protecting>, ...rest: Rest) => Response | Promise<Response>,
  options: ProtectOptions<Rest> = {},
): (request: Request, ...rest: Rest) => Promise<Response> {
  const guard = sequence(guards)
  return async function protectedHandler(request, ...rest) {
    const { remoteAddress, waitUntil } = options
    const incoming = new WebRequest(
      request,
      () => remoteAddress?.(request, ...rest),
      waitUntil && ((work) => waitUntil(work, request, ...rest)),
    )
    const answer = answered(incoming, request, rest)
    waitUntil?.(
      answer.catch(() => undefined),
      request,
      ...rest,
    )
    return answer
  }

  async function answered(incoming: WebRequest, request: Request, rest: Rest): Promise<Response> {
    try {
      const verdict = await guard(incoming, grantLedger())
      if (verdict.kind === 'reply') return toResponse(verdict.reply)
      let response: Response
      try {
        response = await handler(incoming.forHandler(), verdict.grant, ...rest)
      } catch (error) {
        const instead = await concludeWithout(verdict)
        if (instead === undefined) throw error
        return toResponse(instead)
      }
      return await conclude(verdict, response, { isHead: request.method === 'HEAD' })
    } finally {
      incoming.release()
    }
  }
}
