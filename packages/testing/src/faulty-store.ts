import { ConfigurationError, decorated, type Store, StoreError } from '@latchkey/core'

/** The parts of a store. */
type Part = 'keys' | 'rates' | 'idempotency' | 'replay' | 'tokens'

/** One method of a store, or all methods of a part. `keys.watch` is no round trip and has no faults. */
export type StorePlace = Part | { [P in Part]: `${P}.${Exclude<keyof Store[P] & string, 'watch'>}` }[Part]

/**
 * What becomes of a call: `ok`: it goes through; `fail`: it rejects, and nothing is done; `hang`: it is never answered, and nothing
 * is done; `lose-answer`: it is carried out, and then it rejects, as where a connection breaks before the answer.
 */
export type InjectedFault = 'ok' | 'fail' | 'hang' | 'lose-answer'

/** A store with faults put before it. */
export interface FaultyStore<S extends Partial<Store>> {
  /** For the guards under test. */
  readonly store: S
  /**
   * Puts a fault into a place until something else is put there. One in a method counts for more than one in its part.
   *
   * @param options `times`: only for the next so many calls.
   * @throws ConfigurationError where there is no such place or fault.
   */
  inject(place: StorePlace, fault: InjectedFault, options?: { readonly times?: number }): void
  /** Takes all faults out. Calls that hang go on hanging. */
  heal(): void
  /** How many calls were made of a method, or of a part in all; those that met a fault are among them. */
  calls(place: StorePlace): number
}

const parts: readonly string[] = ['keys', 'rates', 'idempotency', 'replay', 'tokens'] satisfies readonly Part[]
const faultNames: readonly string[] = ['ok', 'fail', 'hang', 'lose-answer'] satisfies readonly InjectedFault[]

type Method = (...args: unknown[]) => unknown

/**
 * Puts faults between guards and their store: to see what clients get while it is down, slow, or loses an answer.
 *
 * @param store any store; it is not changed.
 *
 * @example
 * ```ts
 * import { apiKeys, memoryStore } from '@latchkey/core'
 * import { faultyStore } from '@latchkey/testing'
 *
 * const { store, inject, heal } = faultyStore(memoryStore())
 * const keys = apiKeys({ store, prefix: 'acme' })
 * inject('keys.find', 'fail') // the guard answers 503
 * heal()
 * ```
 */
export function faultyStore<S extends Partial<Store>>(store: S): FaultyStore<S> {
  const faults = new Map<string, { readonly fault: InjectedFault; left: number }>()
  const counts = new Map<string, number>()

  const faultAt = (place: string): InjectedFault | undefined => {
    const found = faults.get(place)
    if (found === undefined) return undefined
    found.left -= 1
    if (found.left === 0) faults.delete(place)
    return found.fault
  }
  const faulty = (part: string, name: string, method: Method): Method => {
    const place = `${part}.${name}`
    return (...args) => {
      for (const counter of [part, place]) counts.set(counter, (counts.get(counter) ?? 0) + 1)
      return carriedOut(faultAt(place) ?? faultAt(part) ?? 'ok', place, () => method(...args))
    }
  }
  const check = (place: string): void => {
    const [part = '', name, ...rest] = place.split('.')
    const held = parts.includes(part) ? (store[part as Part] as object | undefined) : undefined
    const isMethod = name === undefined || (name !== 'watch' && typeof held?.[name as keyof object] === 'function')
    if (held === undefined || !isMethod || rest.length > 0) {
      throw new ConfigurationError('invalid-option', `faultyStore: the store has no place ${JSON.stringify(place)}`)
    }
  }
  return {
    store: decorated(store, (name, value) => {
      if (!parts.includes(name) || typeof value !== 'object' || value === null) return value
      return decorated(value, (method, inner) =>
        typeof inner === 'function' && method !== 'watch' ? faulty(name, method, inner as Method) : inner,
      )
    }),
    inject: (place, fault, { times = Number.POSITIVE_INFINITY } = {}) => {
      check(place)
      if (!faultNames.includes(fault)) {
        throw new ConfigurationError('invalid-option', `faultyStore: there is no fault ${JSON.stringify(fault)}`)
      }
      if (!(times >= 1 && Number.isInteger(times)) && times !== Number.POSITIVE_INFINITY) {
        throw new ConfigurationError('invalid-option', 'faultyStore: "times" must be a whole number from 1 up')
      }
      faults.set(place, { fault, left: times })
    },
    heal: () => faults.clear(),
    calls: (place) => {
      check(place)
      return counts.get(place) ?? 0
    },
  }
}

function carriedOut(fault: InjectedFault, place: string, work: () => unknown): unknown {
  switch (fault) {
    case 'ok':
      return work()
    case 'hang':
      return new Promise(() => {})
    case 'fail':
      return Promise.reject(new StoreError('unavailable', `faultyStore: ${place} fails`))
    case 'lose-answer':
      return Promise.resolve(work()).then(() => {
        throw new StoreError('unavailable', `faultyStore: the answer of ${place} is lost`)
      })
  }
}
