import { type Answer, call, freshKey } from './call.js'
import type { Lab } from './lab.js'

/** Alice asks for one and the same charge, once and again. */
export async function twice(query: string, lab: Lab): Promise<[Answer, Answer]> {
  const request = { as: 'alice', key: freshKey(), json: {} } as const
  const first = await call(lab, `POST /idem/charge?${query}`, request)
  return [first, await call(lab, `POST /idem/charge?${query}`, request)]
}
