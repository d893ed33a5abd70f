/**
 * What the adapter suite calls: a server that mounts Latchkey on one framework, with the routes and the misbehaving handler
 * of Latchkey's own lab. Whoever writes an adapter writes that server for it and runs these cases against it.
 */
export interface Lab {
  /** Where it listens, without a trailing slash. */
  readonly url: string
  readonly keys: Readonly<Record<Caller, string>>
}

/** The API keys that a lab has. */
export type Caller = 'alice' | 'bob' | 'reader' | 'expired' | 'revoked' | 'disabled' | 'test'

/** Options for the guards of a lab, by the guard's name. */
export interface LabSettings {
  readonly idempotency?: Readonly<Record<string, unknown>>
  readonly apiKey?: Readonly<Record<string, unknown>>
  readonly signature?: Readonly<Record<string, unknown>>
}

/** One sentence that holds on every framework. */
export interface AdapterCase {
  readonly name: string
  /** How the lab has to be started; cases with the same settings share one. */
  readonly settings?: LabSettings
  /** Throws where the sentence does not hold. */
  run(lab: Lab): Promise<void>
}

/** Cases that need the same settings. */
export function under(settings: LabSettings, cases: readonly AdapterCase[]): AdapterCase[] {
  return cases.map((each) => ({ ...each, settings }))
}
