import type { IncomingMessage, ServerResponse } from 'node:http'
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
import { absoluteUrl, ask, type Decision, grantOf, hostOf, type Origin, sendReply } from '@latchkey/node'
import type { Request, Response } from 'express'

type Next = (error?: unknown) => void

/** A guard as Express middleware. It stands before body parsers: it sees the bytes that were sent, and they read the same. */
export interface Mounted<Name extends string, G extends Guard<unknown>> {
  (req: IncomingMessage, res: ServerResponse, next: Next): void
  readonly name: Name
  /** The guard that is mounted. */
  readonly guard: G
  /**
   * What the guard granted on this request.
   *
   * @throws ConfigurationError `grant-missing` where this guard has not passed the request.
   */
  grant(req: IncomingMessage): GrantOf<G>
}

/**
 * Mounts any guard under a name of its own: its grant is `res.locals[name]`.
 *
 * @example
 * ```ts
 * import type { Guard } from '@latchkey/core'
 * import { mount } from '@latchkey/express'
 *
 * const tenant: Guard<{ id: string }> = ({ url }) => ({ kind: 'pass', grant: { id: new URL(url).hostname } })
 * export const byTenant = mount('tenant', tenant) // res.locals.tenant.id, byTenant.grant(req).id
 * ```
 */
export function mount<const Name extends string, G extends Guard<unknown>>(name: Name, guard: G): Mounted<Name, G> {
  const latchkey = (req: IncomingMessage, res: ServerResponse, next: Next): void => {
    const proceed = (decision: Decision<unknown>): void => {
      if (decision.kind === 'reply') sendReply(req, res, decision.reply)
      if (decision.kind !== 'pass') return
      const { locals } = res as Response
      locals[name] = decision.pass.grant
      next()
    }
    // Express 4 does not look at what a middleware returns, so a rejection is handed on here.
    try {
      const decision = ask(name, guard, req, res, originOf(req as Request))
      if (decision instanceof Promise) decision.then(proceed).catch(next)
      else proceed(decision)
    } catch (error) {
      next(error)
    }
  }
  const grant = (req: IncomingMessage): GrantOf<G> => grantOf(name, guard, req)
  return Object.defineProperty(Object.assign(latchkey, { guard, grant }), 'name', { value: name }) as Mounted<Name, G>
}

/** The router has shortened `url`; `trust proxy fn` is what Express itself asks about `X-Forwarded-*`. */
function originOf(req: Request): Origin {
  return {
    url: () => {
      const isTrusted: (address: string | undefined, hop: number) => boolean = req.app.get('trust proxy fn')
      return absoluteUrl(req.protocol, hostOf(req, isTrusted(req.socket.remoteAddress, 0)), req.originalUrl)
    },
    remoteAddress: () => req.ip,
  }
}

/** Asks for an API key: see `apiKey` of `@latchkey/core`. The grant is `res.locals.apiKey`. */
export function apiKeyAuth<Scope extends string = string, Optional extends boolean = false>(
  options: ApiKeyOptions<Scope, Optional>,
): Mounted<'apiKey', Guard<ApiKeyGrantIf<Scope, Optional>>> {
  return mount('apiKey', apiKey(options))
}

/** Lets a request run once: see `idempotency` of `@latchkey/core`. The grant is `res.locals.idempotency`. */
export function idempotency(options: IdempotencyOptions): Mounted<'idempotency', IdempotencyGuard> {
  return mount('idempotency', idempotencyGuard(options))
}

/** Lets in what a known sender has signed: see `signature` of `@latchkey/core`. The grant is `res.locals.signature`. */
export function verifySignature(options: SignatureOptions): Mounted<'signature', Guard<SignatureGrant>> {
  return mount('signature', signature(options))
}
