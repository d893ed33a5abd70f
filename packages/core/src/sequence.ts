import { ConfigurationError } from './errors.js'
import type { Grants, Guard, GuardRequest, Pass, Reply, ReplyHeaders, Verdict } from './guard.js'

/** Grants as an adapter keeps them for one request: what {@link Grants} reads, and the way to add to it. */
export interface GrantLedger extends Grants {
  /** Notes that the guard under `name` has passed. */
  add(name: string, pass: Pass<unknown>): void
}

/** An empty ledger, or one that starts from what `prior` guards have granted. */
export function grantLedger(prior?: Grants): GrantLedger {
  return new Ledger(prior)
}

// A class: one is made for every request, and an object literal with an accessor costs several times as much to make.
class Ledger implements GrantLedger {
  caller: string | null | undefined
  readonly #prior: Grants | undefined
  readonly #own = new Map<string, unknown>()

  constructor(prior: Grants | undefined) {
    this.#prior = prior
    this.caller = prior?.caller
  }

  get(name: string): unknown {
    return this.#own.has(name) ? this.#own.get(name) : this.#prior?.get(name)
  }

  add(name: string, pass: Pass<unknown>): void {
    this.#own.set(name, pass.grant)
    if (pass.caller !== undefined) this.caller = pass.caller
  }
}

/** The grants of a record of guards, name by name. */
export type GrantsOf<Guards extends Readonly<Record<string, Guard<unknown>>>> = {
  readonly [Name in keyof Guards]: Guards[Name] extends Guard<infer Grant> ? Grant : never
}

/**
 * One guard made of several, asked in the order of their names in the record; each sees the grants of those before it. The
 * first refusal ends it, and the guards that had passed are told of that reply as if they had been mounted one by one.
 *
 * @example
 * ```ts
 * import { apiKey, idempotency, sequence, type ApiKeys, type Store } from '@latchkey/core'
 *
 * const payments = (keys: ApiKeys, store: Store) =>
 *   sequence({ apiKey: apiKey({ keys }), idempotency: idempotency({ store, scope: 'caller' }) })
 * ```
 *
 * @throws ConfigurationError by rejection where two of the guards capture the reply.
 */
export function sequence<const Guards extends Readonly<Record<string, Guard<unknown>>>>(
  guards: Guards,
): Guard<GrantsOf<Guards>> {
  return async (request: GuardRequest, prior: Grants): Promise<Verdict<GrantsOf<Guards>>> => {
    const ledger = grantLedger(prior)
    const passes: Pass<unknown>[] = []
    const grant: Record<string, unknown> = {}
    for (const [name, guard] of Object.entries(guards)) {
      const verdict = await guard(request, ledger)
      if (verdict.kind === 'reply') return { kind: 'reply', reply: await refuseAfter(passes, verdict.reply) }
      passes.push(verdict)
      ledger.add(name, verdict)
      grant[name] = verdict.grant
    }
    return combine(passes, ledger, grant as GrantsOf<Guards>)
  }
}

/** What the outer guards make of an inner guard's refusal: the same as if it had been the handler's reply. */
async function refuseAfter(passes: readonly Pass<unknown>[], refused: Reply): Promise<Reply> {
  let reply = refused
  for (const pass of passes.toReversed()) {
    const { strip } = pass
    if (strip !== undefined) reply = { ...reply, headers: reply.headers.filter(([name]) => !strip.includes(name)) }
    reply = (await pass.capture?.settle(reply)) ?? reply
    await pass.settled?.(reply.status)
    if (pass.headers !== undefined) reply = { ...reply, headers: withHeaders(reply.headers, pass.headers) }
  }
  return reply
}

function combine<Grant>(passes: readonly Pass<unknown>[], ledger: Grants, grant: Grant): Pass<Grant> {
  const captures = passes.flatMap((pass) => pass.capture ?? [])
  if (captures.length > 1) {
    throw new ConfigurationError('mounted-twice', 'sequence: only one of the guards may capture the reply, two did')
  }
  const settlers = passes.filter((pass) => pass.settled !== undefined).toReversed()
  const settled = async (outcome: number | 'abandoned'): Promise<void> => {
    for (const pass of settlers) await pass.settled?.(outcome)
  }
  const strip = passes.flatMap((pass) => pass.strip ?? [])
  const headers = passes.reduce<ReplyHeaders>((all, pass) => withHeaders(all, pass.headers ?? []), [])
  return {
    kind: 'pass',
    grant,
    ...(ledger.caller !== undefined && { caller: ledger.caller }),
    ...(strip.length > 0 && { strip }),
    ...(headers.length > 0 && { headers }),
    ...(captures[0] !== undefined && { capture: captures[0] }),
    ...(settlers.length > 0 && { settled }),
  }
}

/** `headers` with those of a pass applied as {@link Pass.headers} says: `vary` is appended, others are set if absent. */
export function withHeaders(headers: ReplyHeaders, added: ReplyHeaders): ReplyHeaders {
  const merged = [...headers]
  for (const [name, value] of added) {
    const at = merged.findIndex(([present]) => present === name)
    if (at < 0) merged.push([name, value])
    else if (name === 'vary') merged[at] = [name, appendVary(merged[at]![1], value)]
  }
  return merged
}

/** The `vary` field with further names, each once whatever its case; `*` stays alone (RFC 9110 section 12.5.5). */
export function appendVary(present: string, added: string): string {
  const names = present.split(',').map((name) => name.trim())
  if (names.includes('*')) return present
  const known = new Set(names.map((name) => name.toLowerCase()))
  const fresh = added.split(',').map((name) => name.trim())
  return [...names.filter((name) => name !== ''), ...fresh.filter((name) => !known.has(name.toLowerCase()))].join(', ')
}
