import { ConfigurationError, type GrantOf, type Guard, type Pass, type Reply } from '@latchkey/core'
import { conclude, concludeWithout, hasNoFields, toResponse, unreadReply } from '@latchkey/fetch'
import type { Context, MiddlewareHandler, Next } from 'hono'
import { statusAlreadySent } from './node-server.js'
import { type AddressOf, Visit } from './visit.js'

/** What mounting a guard on Hono can be told. */
export interface MountOptions {
  /**
   * The client's address: `(c) => getConnInfo(c).remote.address` on any runtime, or behind a proxy the header that it sets.
   *
   * @defaultValue the socket's address on `@hono/node-server`, none elsewhere
   */
  readonly remoteAddress?: AddressOf
}

/** A guard as Hono middleware: its grant is `c.var[name]`, typed for the handlers on the same route. */
export interface Mounted<Name extends string, G extends Guard<unknown>>
  extends MiddlewareHandler<{ Variables: { [_ in Name]: GrantOf<G> } }> {
  /** The guard that is mounted. */
  readonly guard: G
  /**
   * What the guard granted on this request, where the route's type does not say so.
   *
   * @throws ConfigurationError `grant-missing` where this middleware did not pass the request.
   */
  grant(c: Context): GrantOf<G>
}

// Kept on the context: the entries of a WeakMap outlive young collections, which costs more than all the rest here.
interface Visited {
  [visitKey]?: Visit
  [grantKey: symbol]: unknown
}

const visitKey: unique symbol = /* @__PURE__ */ Symbol('latchkey')

/**
 * Mounts any guard under a name of its own.
 *
 * @example
 * ```ts
 * import type { Guard } from '@latchkey/core'
 * import { mount } from '@latchkey/hono'
 *
 * const tenant: Guard<{ id: string }> = ({ url }) => ({ kind: 'pass', grant: { id: new URL(url).hostname } })
 * export const byTenant = mount('tenant', tenant) // c.var.tenant.id, byTenant.grant(c).id
 * ```
 */
export function mount<const Name extends string, G extends Guard<unknown>>(
  name: Name,
  guard: G,
  options: MountOptions = {},
): Mounted<Name, G> {
  const grantKey = Symbol(name)
  const latchkey = async (c: Context, next: Next): Promise<void> => {
    const kept = c as unknown as Visited
    const visit = kept[visitKey] ?? new Visit(c)
    const isOutermost = kept[visitKey] === undefined
    kept[visitKey] = visit
    visit.addressOf = options.remoteAddress ?? visit.addressOf
    try {
      const asked = guard(visit, visit.ledger)
      // A verdict that is here already goes on at once: the handler finds the body where it would without us.
      const verdict = 'kind' in asked ? asked : await asked
      if (verdict.kind === 'reply') return answer(c, toResponse(verdict.reply, prepared(c)))
      visit.ledger.add(name, verdict)
      kept[grantKey] = verdict.grant
      c.set(name, verdict.grant)
      const answered = proceed(c, next, verdict)
      if (verdict.capture || verdict.settled) visit.waitUntil?.(answered.catch(() => undefined))
      await answered
    } finally {
      if (isOutermost) visit.release()
    }
  }
  const grant = (c: Context): GrantOf<G> => {
    if (grantKey in c) return (c as unknown as Visited)[grantKey] as GrantOf<G>
    throw new ConfigurationError(
      'grant-missing',
      `The guard '${name}' did not run on ${c.req.path}; mount it there, before the handler`,
    )
  }
  return Object.assign(Object.defineProperty(latchkey, 'name', { value: name }), { guard, grant })
}

/** Runs the handler and gives its response to the pass. Hono has rendered errors by then: `c.res` is what `onError` made. */
async function proceed(c: Context, next: Next, pass: Pass<unknown>): Promise<void> {
  const outer = pass.capture && prepared(c)
  try {
    await next()
  } catch (error) {
    // Not an `Error`, or thrown by `onError` itself: Hono leaves both to the host.
    const instead = await concludeWithout(pass)
    if (instead === undefined) throw error
    return answer(c, toResponse(instead, outer))
  }
  if (!c.finalized) {
    const instead = await concludeWithout(pass)
    return instead && answer(c, toResponse(instead, outer))
  }
  if (!(pass.capture || pass.settled || pass.headers || pass.strip)) return
  const unread = pass.headers === undefined && c.req.method !== 'HEAD' ? unreadReply(c.res) : undefined
  if (unread !== undefined && !unread.headers.some(([name]) => pass.strip?.includes(name))) {
    const instead = await concludeUnread(pass, unread)
    return instead && answer(c, toResponse(instead, outer))
  }
  const sent = statusAlreadySent(c, c.res)
  if (sent !== undefined) {
    await pass.capture?.abandon('unseen')
    await pass.settled?.(sent)
    return
  }
  const response = await conclude(pass, c.res, outer && { prepared: outer })
  if (response !== c.res) answer(c, response)
}

/** Gives a reply that is here whole to the pass; the response that it was read from goes out as it is, or what is returned. */
async function concludeUnread({ capture, settled }: Pass<unknown>, reply: Reply): Promise<Reply | undefined> {
  let instead: Reply | undefined
  if (capture !== undefined) {
    const head = { status: reply.status, headers: reply.headers }
    if (!capture.holds(head)) instead = await capture.abandon('live', head)
    else if (reply.body.length > capture.maxBytes) instead = await capture.abandon('too-large', head)
    else instead = await capture.settle(reply)
  }
  await settled?.((instead ?? reply).status)
  return instead
}

/** Header fields that outer middleware has set for whatever is answered. `c.res` would tell too, at the price of making it. */
function prepared(c: Context): Headers | undefined {
  const empty = c.newResponse(null)
  return hasNoFields(empty) ? undefined : new Headers(empty.headers)
}

/** Makes `response` the answer. Hono's setter would put the headers of the one before over its own. */
function answer(c: Context, response: Response): void {
  c.res = undefined
  c.res = response
}
