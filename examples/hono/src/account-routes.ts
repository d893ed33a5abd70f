import type { ApiKeys, Reply } from '@latchkey/core'
import { apiKeyAuth } from '@latchkey/hono'
import { type AccountLinksOptions, accountLinks } from '@latchkey-examples/payments/account-links'
import { type Context, Hono } from 'hono'

export interface AccountRoutesOptions extends AccountLinksOptions {
  readonly keys: ApiKeys
}

/** A GET uses no token up: mail scanners open links. */
export function accountRoutes({ keys, ...options }: AccountRoutesOptions): Hono {
  const links = accountLinks(options)
  const owner = apiKeyAuth({ keys, scopes: ['account:write'] })
  const json = (c: Context): Promise<unknown> => c.req.json().catch(() => undefined)
  const routes = new Hono()

  routes.post('/password-resets', async (c) => response(links.requestReset(await json(c))))
  routes.get('/password-resets/confirm', () => response(links.resetPage))
  routes.post('/password-resets/confirm', async (c) => response(await links.resetPassword(await json(c))))

  routes.post('/v1/email-confirmations', owner, async (c) =>
    response(links.requestConfirmation(c.var.apiKey.ownerId, await json(c))),
  )
  routes.get('/email-confirmations/confirm', () => response(links.confirmationPage))
  routes.post('/email-confirmations/confirm', async (c) => response(await links.confirmEmail(await json(c))))

  return routes
}

function response({ status, headers, body }: Reply): Response {
  return new Response(body.length === 0 ? null : Buffer.from(body), { status, headers: Object.fromEntries(headers) })
}
