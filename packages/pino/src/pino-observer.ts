import {
  ConfigurationError,
  type EventSeverity,
  eventSeverity,
  isEventType,
  type Observe,
  OptionReader,
} from '@latchkey/core'
import { eventFields, type PersonalField, personalFields } from './event-fields.js'

export type { PersonalField }

/** As much of a pino logger as is used: any logger of this shape fits, whichever its version. */
export type PinoLogger = {
  readonly [Level in EventSeverity]: (fields: object, message: string) => void
} & {
  isLevelEnabled?(level: string): boolean
}

/** Options of `pinoObserver`. */
export interface PinoObserverOptions {
  /** Other levels than those of `eventSeverity`, by the name of the event; `silent` leaves it out. @defaultValue none */
  readonly levels?: Readonly<Record<string, EventSeverity | 'silent'>>
  /**
   * Members that name people and tenants, or that were written by others, to be logged, too: `ownerId`, `actor`, `subject`, `url`.
   *
   * @defaultValue none
   */
  readonly include?: readonly PersonalField[]
}

/**
 * An observer that writes each event to a pino logger, at its level: give it to every guard, to `apiKeys` and to `oneTimeTokens` as
 * their option `observe`. Logged are names out of Latchkey's own lists, numbers, public ids of keys and digests; of an error its
 * kind and its code.
 *
 * @example
 * ```ts
 * import { type ApiKeys, apiKey } from '@latchkey/core'
 * import { pinoObserver, redactPaths } from '@latchkey/pino'
 * import { pino } from 'pino'
 *
 * const log = pino({ redact: redactPaths() })
 * export const known = (keys: ApiKeys) => apiKey({ keys, observe: pinoObserver(log) })
 * ```
 *
 * @throws ConfigurationError where the logger is none, or an option does not fit.
 */
export function pinoObserver(
  logger: PinoLogger,
  options: PinoObserverOptions = {},
): Observe<{ readonly type: string }> {
  if (!isLogger(logger)) {
    throw new ConfigurationError('invalid-option', 'pinoObserver: the first argument must be a pino logger')
  }
  const read = new OptionReader('pinoObserver', options, ['levels', 'include'])
  const levels = read.optional('levels', 'an object of levels by the names of events', isLevels) ?? {}
  const include = read.optional('include', `a list of ${personalFields.join(', ')}`, isPersonal) ?? []
  const levelOf = new Map<string, EventSeverity | 'silent'>(Object.entries({ ...eventSeverity, ...levels }))
  return (event) => {
    const level = levelOf.get(event.type)
    if (level === undefined || level === 'silent' || logger.isLevelEnabled?.(level) === false) return
    logger[level](eventFields(event, include), event.type)
  }
}

const severities: readonly unknown[] = ['debug', 'info', 'warn', 'error', 'silent']

function isLogger(value: unknown): value is PinoLogger {
  const logger = value as Partial<PinoLogger> | null | undefined
  return (['debug', 'info', 'warn', 'error'] as const).every((level) => typeof logger?.[level] === 'function')
}

function isLevels(value: unknown): value is NonNullable<PinoObserverOptions['levels']> {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).every(([type, level]) => isEventType(type) && severities.includes(level))
}

function isPersonal(value: unknown): value is readonly PersonalField[] {
  return Array.isArray(value) && value.every((name) => (personalFields as readonly unknown[]).includes(name))
}
