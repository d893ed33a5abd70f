import { StoreError } from '@latchkey/core'

/**
 * Errors that a server answers with, by their first word. One that a script met stands within the text of Redis 6.2: `ERR Error
 * running script …: -OOM …`.
 */
const answers =
  /\b(WRONGTYPE|OOM|READONLY|LOADING|MOVED|ASK|CROSSSLOT|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|MISCONF|NOREPLICAS|BUSY|NOAUTH|NOPERM|NOSCRIPT|UNKILLABLE)\b/

const hints: Readonly<Record<string, string>> = {
  OOM: 'it has no memory left and may not evict',
  READONLY: 'it is a replica',
  LOADING: 'it is loading its data',
  MOVED: 'it is a node of a Cluster: the store needs a Cluster client',
  CROSSSLOT: 'a script met two hash slots',
  NOPERM: 'the user lacks a permission',
  NOAUTH: 'the client has not logged in',
}

/** Whether the server has forgotten the script, or never had it. */
export function isScriptMissing(error: unknown): boolean {
  return answerIn(error) === 'NOSCRIPT'
}

/**
 * A client's error as the guards know it. Clients hang the whole command, replies and tokens in it, on their errors, and servers
 * quote from it: only the name of the error goes further.
 */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const answer = answerIn(error)
  if (answer === 'WRONGTYPE') return new StoreError('corrupt', 'A key of the Redis store holds another type of value')
  if (answer !== undefined) {
    const hint = hints[answer]
    return new StoreError('unavailable', `Redis refuses: ${answer}${hint === undefined ? '' : `, ${hint}`}`)
  }
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const name = nameOf(error)
  const came = word(code) ?? name ?? 'an unknown error'
  return /tim(ed |e)out/i.test(`${name} ${message}`)
    ? new StoreError('timeout', `Redis did not answer in time: ${came}`)
    : new StoreError('unavailable', `Redis does not answer: ${came}`)
}

/** What stands where a record should be cannot be read as one. */
export function unreadable(what: string): StoreError {
  return new StoreError('corrupt', `${what} in Redis cannot be read`)
}

function answerIn(error: unknown): string | undefined {
  return error instanceof Error ? answers.exec(error.message)?.[1] : undefined
}

/** Errors of node-redis have nothing but their class. */
function nameOf(error: unknown): string | undefined {
  const { name } = (error ?? {}) as { name?: unknown }
  return word(name === 'Error' && error instanceof Error ? error.constructor.name : name)
}

function word(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{2,60}$/.test(value) ? value : undefined
}
