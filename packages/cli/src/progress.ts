import { SingleBar } from 'cli-progress'
import type { Io } from './session.js'

/** Shows how far long work is, on standard error, and only where that is a terminal. */
export interface Progress {
  update(value: number, details?: Readonly<Record<string, string | number>>): void
  stop(): void
}

/**
 * A bar that fills up to `total`; where that is not known, the details alone.
 *
 * @param format with `{bar}`, `{percentage}`, `{eta_formatted}` and the names of the details.
 */
export function progress({ stderr }: Io, format: string, total: number): Progress {
  if (stderr.isTTY !== true) return { update: () => undefined, stop: () => undefined }
  const bar = new SingleBar({ format, stream: stderr, hideCursor: true, barCompleteChar: '#', barIncompleteChar: '-' })
  bar.start(total, 0, { rows: 0 })
  return {
    update: (value, details) => bar.update(value, details),
    stop: () => bar.stop(),
  }
}
