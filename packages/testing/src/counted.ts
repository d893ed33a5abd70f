/** A function that counts its calls. */
export type Counted<Work extends (...args: never[]) => unknown> = Work & {
  /** How often it was called since it was made or {@link Counted.reset}. */
  readonly runs: number
  reset(): void
}

/**
 * A function that does as `work` does and counts how often it is called: a handler of any framework, or what a handler does, such
 * as the call to a bank.
 *
 * @example
 * ```ts
 * import { counted } from '@latchkey/testing'
 *
 * const bank = { charge: counted(async (amount: number) => ({ paid: amount })) }
 * await bank.charge(100)
 * console.log(bank.charge.runs) // 1
 * ```
 */
export function counted<Work extends (...args: never[]) => unknown>(work: Work): Counted<Work> {
  let runs = 0
  const counting = function (this: unknown, ...args: never[]): unknown {
    runs += 1
    return work.apply(this, args)
  }
  return Object.defineProperties(counting, {
    // Express tells handlers of errors from others by how many parameters they have.
    length: { value: work.length },
    name: { value: work.name },
    runs: { get: () => runs },
    reset: {
      value: () => {
        runs = 0
      },
    },
  }) as unknown as Counted<Work>
}
