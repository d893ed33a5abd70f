import type { IncomingMessage } from 'node:http'
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
import type { Context, Middleware, Next } from 'koa'
import { answer, conclude } from './conclude.js'

/** A guard as Koa middleware. It stands before body parsers: it sees the bytes that were sent, and they read the same. */
export interface Mounted<Name extends string, G extends Guard<unknown>> extends Middleware {
  readonly name: Name
  /** The guard that is mounted. */
  readonly guard: G
  /**
   * What the guard granted on this request.
   *
   * @throws ConfigurationError `grant-missing` where this guard has not passed the request.
   */
  grant(ctx: { readonly req: IncomingMessage }): GrantOf<G>
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
export function mount<const Name extends string, G extends Guard<unknown>>(name: Name, guard: G): Mounted<Name, G> {
  const latchkey = async (ctx: Context, next: Next): Promise<void> => {
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
      renderThoughGone(ctx)
      setImmediate(() => watch.handlerEnded('threw'))
      throw error
    }
  }
  const grant = ({ req }: { readonly req: IncomingMessage }): GrantOf<G> => grantOf(name, guard, req)
  return Object.defineProperty(Object.assign(latchkey, { guard, grant }), 'name', { value: name }) as Mounted<Name, G>
}

/** Koa renders nothing for a client that has gone, but whether its retry runs the handler again depends on what it renders. */
function renderThoughGone(ctx: Context): void {
  Object.defineProperty(ctx, 'writable', { configurable: true, get: () => !ctx.res.writableEnded })
}

/** As the application's `proxy` setting resolves it; the router has not shortened `originalUrl`. */
function originOf(ctx: Context): Origin {
  return {
    url: () => absoluteUrl(ctx.protocol, ctx.host, ctx.originalUrl),
    remoteAddress: () => ctx.ip || undefined,
  }
}

/** Asks for an API key: see `apiKey` of `@latchkey/core`. The grant is `ctx.state.apiKey`. */
export function apiKeyAuth<Scope extends string = string, Optional extends boolean = false>(
  options: ApiKeyOptions<Scope, Optional>,
): Mounted<'apiKey', Guard<ApiKeyGrantIf<Scope, Optional>>> {
  return mount('apiKey', apiKey(options))
}

/** Lets a request run once: see `idempotency` of `@latchkey/core`. The grant is `ctx.state.idempotency`. */
export function idempotency(options: IdempotencyOptions): Mounted<'idempotency', IdempotencyGuard> {
  return mount('idempotency', idempotencyGuard(options))
}

/** Lets in what a known sender has signed: see `signature` of `@latchkey/core`. The grant is `ctx.state.signature`. */
export function verifySignature(options: SignatureOptions): Mounted<'signature', Guard<SignatureGrant>> {
  return mount('signature', signature(options))
}
