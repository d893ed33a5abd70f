/**
 * Goes round a map, a few entries at a time and for ever: how a bounded store looks for what has expired without ever looking
 * at everything. An iterator of a map stays good while entries come and go.
 */
export class Round<Entry> {
  readonly #begin: () => Iterator<Entry, undefined>
  #rest: Iterator<Entry, undefined>

  /** @param begin starts an iteration from the first entry. */
  constructor(begin: () => Iterator<Entry, undefined>) {
    this.#begin = begin
    this.#rest = begin()
  }

  /** The next entry, after the last the first again; `undefined` where there is none. */
  next(): Entry | undefined {
    const { value, done } = this.#rest.next()
    if (!done) return value
    this.#rest = this.#begin()
    return this.#rest.next().value
  }
}
