import {
  type ApiKeyGrantIf,
  type ApiKeyOptions,
  apiKey,
  type GrantOf,
  type Guard,
  type IdempotencyGuard,
  type IdempotencyOptions,
  idempotency as idempotencyGuard,
  type SignatureGrant,
  type SignatureOptions,
  signature,
} from '@latchkey/core'
import { absoluteUrl, ask, drainBeforeEnd, grantOf, type Origin } from '@latchkey/node'
import { answer, conclude } from './conclude.js'
import type { KoaContext } from './context.js'

export type { KoaContext }

/** A guard as Koa middleware. It stands before body parsers: it sees the bytes that were sent, and they read the same. */
export interface Mounted<G extends Guard<unknown>> {
  (ctx: KoaContext, next: () => Promise<unknown>): Promise<void>
  /** The guard that is mounted. */
  readonly guard: G
  /**
   * What the guard granted on this request.
   *
   * @throws ConfigurationError `grant-missing` where this guard has not passed the request.
   */
  grant(ctx: Pick<KoaContext, 'req'>): GrantOf<G>
}

/**
 * Mounts any guard under a name of its own: its grant is `ctx.state[name]`.
 *
 * @example
 * ```ts
 * import type { Guard } from '@latchkey/core'
 * import { mount } from '@latchkey/koa'
 *
 * const tenant: Guard<{ id: string }> = ({ url }) => ({ kind: 'pass', grant: { id: new URL(url).hostname } })
 * export const byTenant = mount('tenant', tenant) // ctx.state.tenant.id, byTenant.grant(ctx).id
 * ```
 */
export function mount<G extends Guard<unknown>>(name: string, guard: G): Mounted<G> {
  const latchkey = async (ctx: KoaContext, next: () => Promise<unknown>): Promise<void> => {
    const { req, res } = ctx
    const decision = await ask(name, guard, req, res, originOf(ctx))
    if (decision.kind === 'reply') {
      answer(ctx, decision.reply, res.getHeaders())
      return drainBeforeEnd(req, res)
    }
    if (decision.kind === 'over') {
      ctx.respond = false
      return
    }
    const { pass, watch } = decision
    Object.assign(ctx.state, { [name]: pass.grant })
    if (watch === undefined) return void (await next())
    const base = res.getHeaders()
    try {
      await next()
      await conclude(ctx, pass, watch, base)
    } catch (error) {
      // Koa, or middleware outside, renders it: that reply is followed on the response.
      watch.handlerEnded('threw')
      throw error
    }
  }
  Object.defineProperty(latchkey, 'name', { value: name })
  return Object.assign(latchkey, { guard, grant: ({ req }: Pick<KoaContext, 'req'>) => grantOf(name, guard, req) })
}

/** As the application's `proxy` setting resolves it; the router has not shortened `originalUrl`. */
function originOf(ctx: KoaContext): Origin {
  return {
    url: () => absoluteUrl(ctx.protocol, ctx.host, ctx.originalUrl),
    remoteAddress: () => ctx.ip || undefined,
  }
}

/** Asks for an API key: see `apiKey` of `@latchkey/core`. The grant is `ctx.state.apiKey`. */
export function apiKeyAuth<Scope extends string = string, Optional extends boolean = false>(
  options: ApiKeyOptions<Scope, Optional>,
): Mounted<Guard<ApiKeyGrantIf<Scope, Optional>>> {
  return mount('apiKey', apiKey(options))
}

/** Lets a request run once: see `idempotency` of `@latchkey/core`. The grant is `ctx.state.idempotency`. */
export function idempotency(options: IdempotencyOptions): Mounted<IdempotencyGuard> {
  return mount('idempotency', idempotencyGuard(options))
}

/** Lets in what a known sender has signed: see `signature` of `@latchkey/core`. The grant is `ctx.state.signature`. */
export function verifySignature(options: SignatureOptions): Mounted<Guard<SignatureGrant>> {
  return mount('signature', signature(options))
}
