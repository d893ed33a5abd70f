import type { KeyQuery, KeyRecord } from '@latchkey/core'
import type { Connection } from './connection.js'
import { keyIn, stored } from './key-columns.js'
import { listScript } from './key-scripts.js'
import { text } from './reply.js'

/** How many keys a server looks at in one step, where not all are wanted; it answers others between two. */
const keysAtOnce = 1000
/** After so many a page that has something goes out, however short. */
const mostSteps = 10

/** Pages of keys: of all, or of an owner, one round trip each; where keys are searched, a walk through the index in steps. */
export class KeyPages {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  /** @param keys of the script. */
  async read(keys: readonly string[], query: KeyQuery): Promise<readonly KeyRecord[]> {
    const { environment, nameContains, limit } = query
    const isSearch = environment !== undefined || nameContains !== undefined
    const lookAt = String(isSearch ? keysAtOnce : limit)
    const page: KeyRecord[] = []
    let after = query.after ?? ''
    for (let step = 1; step === 1 || after !== ''; step++) {
      const wanted = [String(limit - page.length), lookAt, stored(environment ?? null), searched(nameContains)]
      const reply = await this.#connection.read(listScript, keys, after, ...wanted)
      const [next, found] = reply as [unknown, readonly unknown[]]
      page.push(...found.map(keyIn).filter(({ name }) => nameContains === undefined || name?.includes(nameContains)))
      after = text(next)
      if (page.length === limit || (page.length > 0 && (!isSearch || step >= mostSteps))) break
    }
    return page
  }
}

/**
 * What stands in the JSON of every name that contains the text, and of some that do not: an escape holds letters of its own. Half of
 * a surrogate pair is written otherwise than the whole, and is not searched for there.
 */
function searched(nameContains = ''): string {
  return /\p{Surrogate}/u.test(nameContains) ? '' : JSON.stringify(nameContains).slice(1, -1)
}
