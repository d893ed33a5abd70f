import { ConfigurationError, StoreError } from '@latchkey/core'

/** What is logged of an error: what kind it is. Messages and stacks of drivers and of applications can quote addresses and values. */
export interface ErrorFields {
  readonly type: string
  readonly fault?: string
  readonly code?: string
  /** A message of Latchkey's own, which quotes nothing. */
  readonly message?: string
  readonly cause?: ErrorFields
}

const deepest = 3

/** The kind of an error, and of what caused it. */
export function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error }
  const { name, message, cause } = error
  const { code } = error as { readonly code?: unknown }
  return {
    type: /^[A-Za-z]{1,40}$/.test(name) ? name : 'Error',
    ...(error instanceof StoreError && { fault: error.fault }),
    // SQLSTATEs, and names such as ECONNREFUSED.
    ...(typeof code === 'string' && /^[A-Z0-9_]{2,40}$/.test(code) && { code }),
    ...(error instanceof ConfigurationError && { code: error.code, message }),
    ...(cause !== undefined && depth < deepest && { cause: errorFields(cause, depth + 1) }),
  }
}
