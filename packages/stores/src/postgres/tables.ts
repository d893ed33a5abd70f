import { ConfigurationError, StoreError } from '@latchkey/core'
import { Deadline, Deadlines } from '../deadlines.js'
import type { Query } from './client.js'
import { isConflict, isUndefined, sqlState, storeError } from './fault.js'
import { migrationSql, quotedSchema, schemaVersion } from './schema.js'

/** The tables in one schema: whether they are there, and of this version. */
export class Tables {
  readonly #query: Query
  readonly #schema: string
  readonly #deadlines: Deadlines
  #areChecked = false
  #check: Promise<void> | undefined

  constructor(query: Query, schema: string, timeoutSeconds: number) {
    this.#query = query
    this.#schema = schema
    this.#deadlines = new Deadlines(timeoutSeconds, 'Postgres')
  }

  get areChecked(): boolean {
    return this.#areChecked
  }

  /** Looks before the next statement again. */
  forget(): void {
    this.#areChecked = false
  }

  /** Looks at the version; several that ask at once look once. */
  check(): Promise<void> {
    this.#check ??= this.#deadlines
      .within((deadline) => this.#look(deadline))
      .finally(() => {
        this.#check = undefined
      })
    return this.#check
  }

  async migrate(): Promise<void> {
    // A migration takes its time, and waits for others that do the same.
    const unbounded = new Deadline()
    const migrate = () => this.#query({ text: migrationSql(this.#schema) }, [], unbounded)
    try {
      // In a database whose transactions are all REPEATABLE READ, one that waited for the lock sees no tables that the other made.
      await migrate().catch((error: unknown) => {
        const isLate = isConflict(error) || ['42P06', '42P07'].includes(sqlState(error) ?? '')
        return isLate ? migrate() : Promise.reject(error)
      })
    } catch (error) {
      throw this.#failure(error)
    }
    await this.check()
  }

  async #look(deadline: Deadline): Promise<void> {
    const text = `SELECT value FROM ${quotedSchema(this.#schema)}.latchkey_meta WHERE name = 'schema'`
    let rows: Awaited<ReturnType<Query>>
    try {
      rows = await this.#query({ text }, [], deadline)
    } catch (error) {
      throw isUndefined(error) ? this.#refusal('are not there') : storeError(error)
    }
    const version = Number(rows[0]?.[0])
    if (version !== schemaVersion) throw this.#refusal(`are of version ${version}`, version > schemaVersion)
    this.#areChecked = true
  }

  #refusal(what: string, isNewer = false): ConfigurationError {
    const remedy = isNewer
      ? 'update @latchkey/stores, or take another "schema"'
      : 'call migrate() of the store once, or run what schemaSql() prints'
    return new ConfigurationError(
      'invalid-option',
      `postgresStore: the tables latchkey_… in schema "${this.#schema}" ${what}, and this version of @latchkey/stores ` +
        `works on version ${schemaVersion}: ${remedy}`,
    )
  }

  /** Class 42: what stands in the way is a right or a name, and the server's message holds names alone. */
  #failure(error: unknown): Error {
    const isOurs = sqlState(error)?.startsWith('42') && error instanceof Error
    if (!isOurs) return storeError(error)
    return new ConfigurationError(
      'invalid-option',
      `postgresStore: migrate() cannot make the tables latchkey_… in schema "${this.#schema}": ${error.message}`,
    )
  }
}

/** The same as guards know it: a store that does not answer as it should. */
export function asStoreError(error: unknown): StoreError {
  if (!(error instanceof ConfigurationError)) return storeError(error)
  return new StoreError('unavailable', error.message, { cause: error })
}
