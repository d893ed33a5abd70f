import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { linearize } from './linearize.js'
import { lineOf, type Operation } from './operation.js'
import type { RecordModel } from './record-model.js'
import { shrink } from './shrink.js'

/** What was seen of one key. */
export interface Violation {
  readonly seed: string
  readonly key: string
  /** Shrunk. */
  readonly history: readonly Operation[]
  readonly text: string
}

const expected = [
  ...['claimed', 'running', 'lapsed', 'mismatch', 'settled', 'tombstone', 'no answer'].map((said) => `claim: ${said}`),
  ...['renew', 'settle', 'tombstone', 'release'].flatMap((write) => [`${write}: ok`, `${write}: stale`]),
  ...['ok', 'live', 'absent'].map((said) => `resolve: ${said}`),
]

const kept = fileURLToPath(new URL('../dist/linearizability/counterexamples/', import.meta.url))

/** Looks through histories, key by key, and counts what they were made of. */
export class Examination {
  readonly violations: Violation[] = []
  readonly #model: RecordModel
  readonly #said = new Map<string, number>()
  histories = 0
  operations = 0
  /** Keys of which nobody can say, since the search was too long. */
  undecided = 0
  /** How often each fault struck meanwhile. */
  struck: Readonly<Record<string, number>> = {}

  constructor(model: RecordModel) {
    this.#model = model
  }

  add(seed: string, history: readonly Operation[]): void {
    this.histories++
    this.operations += history.length
    for (const { call, answer } of history) {
      const said = `${call.kind}: ${answer === undefined ? 'no answer' : answer.says.replace(/ .*/, '')}`
      this.#said.set(said, (this.#said.get(said) ?? 0) + 1)
    }
    for (const key of new Set(history.map(({ call }) => call.key)))
      this.#examine(
        seed,
        key,
        history.filter(({ call }) => call.key === key),
      )
  }

  /** What a store can say and has not said: histories in which nothing happens show nothing. */
  unseen(): string[] {
    return expected.filter((said) => !this.#said.has(said))
  }

  /** For people: the numbers, and every counterexample with the file that keeps it. */
  report(name: string): string {
    const sum = `${name}: ${this.histories} histories, ${this.operations} operations, ${this.violations.length} violations`
    const lines = [`${sum}, ${this.undecided} undecided`]
    for (const said of Object.entries(this.struck)) lines.push(`  ${said.join(': ')}`)
    for (const { text, seed, history } of this.violations)
      lines.push(text, `kept in ${keep(name, seed, text, history)}`)
    return lines.join('\n')
  }

  #examine(seed: string, key: string, operations: readonly Operation[]): void {
    const verdict = linearize(operations, this.#model)
    if (verdict.isLinearizable) return
    if (verdict.isLinearizable === undefined) {
      this.undecided++
      return
    }
    const history = shrink(operations, this.#model)
    const shrunk = linearize(history, this.#model)
    if (shrunk.isLinearizable !== false) throw new Error(`A history was shrunk to one that is in order: ${seed}`)
    const last = history.filter((operation) => !shrunk.order.includes(operation) && operation.answer !== undefined)
    const text = [
      `No order explains what was answered (seed "${seed}"):`,
      ...history.map((operation) => `  ${last.includes(operation) ? '!' : ' '} ${lineOf(operation)}`),
    ].join('\n')
    this.violations.push({ seed, key, history, text })
  }
}

function keep(name: string, seed: string, text: string, history: readonly Operation[]): string {
  mkdirSync(kept, { recursive: true })
  const file = `${kept}${`${name} ${seed}`.replaceAll(/\W+/g, '-')}.json`
  writeFileSync(file, `${JSON.stringify({ name, seed, text: text.split('\n'), history }, undefined, 2)}\n`)
  return file
}
