import { StoreError } from '@latchkey/core'

/** The SQLSTATE behind an error (postgresql.org/docs/current/errcodes-appendix.html); all three clients tell it as `code`. */
export function sqlState(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}

/**
 * Whether the statement was rolled back for the sake of another one, and may succeed if it is sent again. A unique value that is there
 * (23505) is one that came after this one had looked: all statements of the store look first.
 */
export function isConflict(error: unknown): boolean {
  return ['40001', '40P01', '23505'].includes(sqlState(error) ?? '')
}

/** Whether a table, a schema or a column is not there. */
export function isUndefined(error: unknown): boolean {
  return ['42P01', '3F000', '42703'].includes(sqlState(error) ?? '')
}

/** A client's error as the guards know it. What the server said about it, values maybe among it, is the cause's alone. */
export function storeError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const state = sqlState(error)
  const options = { cause: error }
  if (isConflict(error)) return new StoreError('unavailable', 'Postgres lets other transactions go first', options)
  if (isUndefined(error)) return new StoreError('unavailable', 'Postgres lacks a table of the store', options)
  switch (state) {
    case '53100':
      return new StoreError('full', 'The disk of Postgres is full', options)
    case 'XX001':
    case 'XX002':
      return new StoreError('corrupt', 'Postgres cannot read its data', options)
    case '25006':
      return new StoreError('unavailable', 'Postgres takes no writes: it is a standby, or set to read only', options)
    case '42501':
      return new StoreError('unavailable', 'Postgres does not let this user at the tables of the store', options)
    case '55P03':
    case '57014':
      return new StoreError('unavailable', 'Postgres gave a statement up that took too long', options)
    default:
      return new StoreError(
        'unavailable',
        `Postgres does not answer${state === undefined ? '' : ` (SQLSTATE ${state})`}`,
        options,
      )
  }
}
