import type { ApiKeys, Reply } from '@latchkey/core'
import { apiKeyAuth } from '@latchkey/express'
import { type AccountLinksOptions, accountLinks } from '@latchkey-examples/payments/account-links'
import express, { type Response, Router } from 'express'

export interface AccountRoutesOptions extends AccountLinksOptions {
  readonly keys: ApiKeys
}

/** A GET uses no token up: mail scanners open links. */
export function accountRoutes({ keys, ...options }: AccountRoutesOptions): Router {
  const links = accountLinks(options)
  const owner = apiKeyAuth({ keys, scopes: ['account:write'] })
  const json = express.json()
  const router = Router()

  router.post('/password-resets', json, (req, res) => send(res, links.requestReset(req.body)))
  router.get('/password-resets/confirm', (_req, res) => send(res, links.resetPage))
  router.post('/password-resets/confirm', json, async (req, res) => send(res, await links.resetPassword(req.body)))

  router.post('/v1/email-confirmations', owner, json, (req, res) =>
    send(res, links.requestConfirmation(owner.grant(req).ownerId, req.body)),
  )
  router.get('/email-confirmations/confirm', (_req, res) => send(res, links.confirmationPage))
  router.post('/email-confirmations/confirm', json, async (req, res) => send(res, await links.confirmEmail(req.body)))

  return router
}

function send(res: Response, { status, headers, body }: Reply): void {
  res.status(status).set(Object.fromEntries(headers)).end(body)
}
