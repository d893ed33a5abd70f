import { type FoundKey, keyScanner } from '@latchkey/core'

/** Something with the shape of a key, where it stands in a text. */
export interface FoundLeak extends Pick<FoundKey, 'prefix' | 'environment' | 'keyId' | 'display' | 'isGenuine'> {
  readonly line: number
  readonly column: number
}

/** Finds keys in one text that is given piece by piece. */
export interface LeakScanner {
  scan(piece: string): FoundLeak[]
}

/** The longest key: 20 characters of prefix, 12 of environment, 63 behind them, and `_` between. */
const longestKey = 96

/** A scanner for one text; without prefixes any prefix counts, and only a right checksum makes a key. */
export function leakScanner(prefixes: readonly string[] | undefined): LeakScanner {
  const scanner = keyScanner({ prefixes: prefixes ?? 'any' })
  const lines = new LineIndex()
  return {
    scan: (piece) => {
      lines.add(piece)
      return scanner.scan(piece).map(({ index, prefix, environment, keyId, display, isGenuine }) => {
        return { ...lines.positionOf(index), prefix, environment, keyId, display, isGenuine }
      })
    },
  }
}

/** Where the lines of a text begin, as far back as a key may reach. */
class LineIndex {
  #length = 0
  /** Lines that were begun before those in `#starts`. */
  #before = 0
  #starts = [0]

  add(piece: string): void {
    const horizon = this.#length - longestKey
    const kept = this.#starts.findLastIndex((start) => start <= horizon)
    if (kept > 0) {
      this.#before += kept
      this.#starts = this.#starts.slice(kept)
    }
    for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) {
      this.#starts.push(this.#length + at + 1)
    }
    this.#length += piece.length
  }

  positionOf(index: number): { line: number; column: number } {
    const at = this.#starts.findLastIndex((start) => start <= index)
    return { line: this.#before + at + 1, column: index - this.#starts[at]! + 1 }
  }
}
