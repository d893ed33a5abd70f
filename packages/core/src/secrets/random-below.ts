import { randomInteger } from '../crypto.js'
import { ConfigurationError } from '../errors.js'
import { shown } from '../option-reader.js'

const mostBound = 2 ** 48 - 1

/**
 * A whole number from 0 to `bound - 1`, each as likely as any other: no modulo bias.
 *
 * @param bound 1 to 2^48 - 1.
 */
export function randomBelow(bound: number): number {
  if (Number.isInteger(bound) && bound >= 1 && bound <= mostBound) return randomInteger(bound)
  throw new ConfigurationError(
    'invalid-option',
    `randomBelow: "bound" must be a whole number from 1 to ${mostBound}, it is ${shown(bound)}`,
  )
}

/**
 * One element, each as likely as any other.
 *
 * @throws ConfigurationError where the list is empty.
 */
export function choice<Element>(list: readonly Element[]): Element {
  if (Array.isArray(list) && list.length > 0) return list[randomInteger(list.length)]!
  throw new ConfigurationError('invalid-option', 'choice: "list" must be a list of at least one element')
}

/** The elements in a new order, each of all orders as likely as any other (Fisher and Yates); `list` stays as it is. */
export function shuffle<Element>(list: readonly Element[]): Element[] {
  if (!Array.isArray(list)) throw new ConfigurationError('invalid-option', 'shuffle: "list" must be a list')
  const shuffled = [...list]
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomInteger(last + 1)
    const element = shuffled[last]!
    shuffled[last] = shuffled[other]!
    shuffled[other] = element
  }
  return shuffled
}
