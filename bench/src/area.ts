import type { Spread } from './spread.js'

/**
 * Whose a row is. `floor`: the least work that any correct implementation does, written out by hand. `bare`: the same
 * without the feature.
 */
export type Kind = 'latchkey' | 'floor' | 'peer' | 'bare'

/** What is measured, and by whom. */
export interface Subject {
  readonly name: string
  readonly kind: Kind
  /** What it leaves out of the work that the row of Latchkey does, or what else the number is to be read with. */
  readonly remark?: string
}

export type Unit = 'ns' | 'µs' | 'ms' | 'per second' | 'ratio' | 'bytes' | 'KiB' | 'trips'

interface Column {
  readonly title: string
  readonly unit: Unit
}

export interface Row extends Subject {
  /** One for each column; `undefined`: it is not measured here. */
  readonly cells: readonly (Spread | undefined)[]
}

/** A bound that a ratio of this very run is held to. */
export interface Goal {
  readonly text: string
  readonly bound: 'at most' | 'at least'
  readonly target: number
  readonly reached: number
}

export function isMet({ bound, target, reached }: Goal): boolean {
  return bound === 'at most' ? reached <= target : reached >= target
}

/** Rows that were measured together, in interleaved rounds. */
export interface Group {
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly goals: readonly Goal[]
}

/** What an area could not measure here, and why. */
export interface Skipped {
  readonly title: string
  readonly skipped: string
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number
  /** How long each contender runs in each round. */
  readonly sliceMs: number
  /** How many keys or records the largest store holds. */
  readonly mostEntries: number
  /** Requests to each server in each round. */
  readonly requests: number
}

export const efforts = {
  full: { rounds: 21, sliceMs: 20, mostEntries: 1_000_000, requests: 8000 },
  quick: { rounds: 5, sliceMs: 3, mostEntries: 10_000, requests: 600 },
  /** Shows that everything runs, and measures nothing. */
  smoke: { rounds: 1, sliceMs: 0.2, mostEntries: 1000, requests: 64 },
} as const satisfies Record<string, Effort>

/** One part of the bench: measures its groups one after the other. */
export type Area = (effort: Effort) => AsyncGenerator<Group | Skipped, void, undefined>
