import type { Capture, Guard, GuardRequest, Pass, Verdict } from '@latchkey/core'

/** What an adapter can get wrong at the seam: it turns a guard into what that adapter makes of it. */
export type Flaw = (guard: Guard<unknown>) => Guard<unknown>

/** An adapter that tells guards something else than what was sent. */
function misreading(misread: (request: GuardRequest) => Partial<GuardRequest>): Flaw {
  return (guard) => (request, prior) => {
    const own = Object.create(request) as GuardRequest
    return guard(Object.assign(own, misread(request)), prior)
  }
}

/** An adapter that makes something else of a pass. */
function mishandling(mishandle: (pass: Pass<unknown>) => Partial<Pass<unknown>>): Flaw {
  return (guard) => async (request, prior) => {
    const verdict = await guard(request, prior)
    return verdict.kind === 'pass' ? ({ ...verdict, ...mishandle(verdict) } as Verdict<unknown>) : verdict
  }
}

/** An adapter that gets the capture wrong. */
function miscapturing(miscapture: (capture: Capture) => Partial<Capture>): Flaw {
  return mishandling(({ capture }) => {
    if (capture === undefined) return {}
    const own: Capture = {
      maxBytes: capture.maxBytes,
      holds: (head) => capture.holds(head),
      settle: (reply) => capture.settle(reply),
      abandon: (reason, head) => capture.abandon(reason, head),
    }
    return { capture: { ...own, ...miscapture(capture) } }
  })
}

/** By what the adapter does wrong. */
export const flaws = {
  runsAfterRefusal: (guard) => async (request, prior) => {
    const verdict = await guard(request, prior)
    return verdict.kind === 'reply' ? { kind: 'pass', grant: {}, caller: 'anybody' } : verdict
  },

  settlesAfterSending: miscapturing((capture) => ({
    settle: (reply) => {
      setTimeout(() => capture.settle(reply), 100)
      return undefined
    },
  })),

  sendsItsOwnReplyAnyway: miscapturing((capture) => ({
    settle: async (reply) => {
      await capture.settle(reply)
      return undefined
    },
  })),

  losesHeaders: miscapturing((capture) => ({
    settle: (reply) => capture.settle({ ...reply, headers: [] }),
  })),

  losesTheStatus: miscapturing((capture) => ({
    settle: (reply) => capture.settle({ ...reply, status: 200 }),
  })),

  keepsHalfTheBody: miscapturing((capture) => ({
    settle: (reply) => capture.settle({ ...reply, body: reply.body.subarray(0, reply.body.length / 2) }),
  })),

  holdsEverythingBack: miscapturing(() => ({ holds: () => true })),

  forgetsWhatItDidNotHold: miscapturing(() => ({ abandon: () => undefined })),

  takesTheLimitForTooMuch: miscapturing(({ maxBytes }) => ({ maxBytes: maxBytes - 1 })),

  neverTellsTheOutcome: mishandling(() => ({ settled: async () => {} })),

  alwaysTellsSuccess: mishandling(({ settled }) => ({ settled: async () => settled?.(200) })),

  losesFieldsOfThePass: mishandling(() => ({ headers: [] })),

  mixesCallersUp: mishandling(() => ({ caller: 'somebody' })),

  seesThePathBelowItsRouter: misreading(({ url }) => ({ url: url.replace(/\/[^/?]+(?=\/)(?!\/)/, '') })),

  countsEachFieldOnce: misreading(({ headers }) => ({
    headers: { get: (name) => headers.get(name), count: (name) => Math.min(1, headers.count(name)) },
  })),

  takesTheFirstField: misreading(({ headers }) => ({
    headers: {
      get: (name) => headers.get(name)?.split(', ')[0] ?? null,
      count: (name) => Math.min(1, headers.count(name)),
    },
  })),

  trustsTheOverriddenMethod: misreading(({ headers, method }) => ({
    method: headers.get('x-http-method-override') ?? method,
  })),

  readsTextForBytes: misreading((request) => ({
    body: async (options) => new TextEncoder().encode(new TextDecoder().decode(await request.body(options))),
  })),

  readsTheFirstKilobyte: misreading((request) => ({
    body: async (options) => (await request.body(options)).subarray(0, 1024),
  })),

  takesBodiesOfAnySize: misreading((request) => ({
    body: (options) => request.body({ ...options, maxBytes: 1e9 }),
  })),

  waitsForBodiesForEver: misreading((request) => ({
    body: (options) => request.body({ ...options, timeoutSeconds: 3600 }),
  })),
} satisfies Record<string, Flaw>
