import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import type { ApiKeys, Reply } from '@latchkey/core'
import { apiKeyAuth } from '@latchkey/koa'
import { type AccountLinksOptions, accountLinks } from '@latchkey-examples/payments/account-links'
import type { Context } from 'koa'

export interface AccountRoutesOptions extends AccountLinksOptions {
  readonly keys: ApiKeys
}

/** A GET uses no token up: mail scanners open links. */
export function accountRoutes({ keys, ...options }: AccountRoutesOptions): Router {
  const links = accountLinks(options)
  const owner = apiKeyAuth({ keys, scopes: ['account:write'] })
  const json = bodyParser({ enableTypes: ['json'] })
  const router = new Router()

  router.post('/password-resets', json, (ctx) => send(ctx, links.requestReset(ctx.request.body)))
  router.get('/password-resets/confirm', (ctx) => send(ctx, links.resetPage))
  router.post('/password-resets/confirm', json, async (ctx) => send(ctx, await links.resetPassword(ctx.request.body)))

  router.post('/v1/email-confirmations', owner, json, (ctx) =>
    send(ctx, links.requestConfirmation(owner.grant(ctx).ownerId, ctx.request.body)),
  )
  router.get('/email-confirmations/confirm', (ctx) => send(ctx, links.confirmationPage))
  router.post('/email-confirmations/confirm', json, async (ctx) =>
    send(ctx, await links.confirmEmail(ctx.request.body)),
  )

  return router
}

function send(ctx: Context, { status, headers, body }: Reply): void {
  ctx.set(Object.fromEntries(headers))
  ctx.body = body.length === 0 ? null : Buffer.from(body)
  ctx.status = status
}
