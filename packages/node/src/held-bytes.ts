/** One request's share of the memory that the process spends on request bodies. */
export interface Share {
  /** Adds to the share; `false` where the process would then hold more than `most` bytes. */
  take(bytes: number, most: number): boolean
  /** Gives the whole share back. */
  release(): void
}

/** Counted over the whole process, across every app and guard in it: that is what `maxBufferedBytes` bounds. */
const process = { heldBytes: 0 }

/** An empty share. */
export function share(): Share {
  let own = 0
  return {
    take: (bytes, most) => {
      if (process.heldBytes + bytes > most) return false
      process.heldBytes += bytes
      own += bytes
      return true
    },
    release: () => {
      process.heldBytes -= own
      own = 0
    },
  }
}
