import { ConfigurationError } from './errors.js'

/** Reads the options of one factory, each checked as it is read; whatever does not fit is a {@link ConfigurationError}. */
export class OptionReader<Options extends object> {
  readonly #factory: string
  readonly #options: Partial<Record<string, unknown>>
  readonly #within: string

  /**
   * @param known every option that the factory has: a name that is not here is a misspelt one.
   * @param within what stands before the names in a fault: the option in which these options are.
   */
  constructor(factory: string, options: Options, known: readonly (keyof Options & string)[], within = '') {
    this.#factory = factory
    this.#within = within
    if (typeof options !== 'object' || options === null) throw this.fault('options', 'an object', options)
    this.#options = options as Partial<Record<string, unknown>>
    const isKnown = (name: string) => (known as readonly string[]).includes(name)
    const unknown = Object.keys(options).find((name) => !isKnown(name))
    if (unknown !== undefined) {
      const fault = { option: within + unknown, expected: 'left out: there is no such option' }
      throw new ConfigurationError('invalid-option', `${factory}: there is no option ${shown(unknown)}`, fault)
    }
    // A prototype that came out of parsed JSON, or was polluted, must not set what the application has not set.
    for (const name in options) {
      if (isKnown(name) && !Object.hasOwn(options, name)) {
        throw new ConfigurationError('invalid-option', `${factory}: "${name}" is inherited; options are own properties`)
      }
    }
  }

  /** A finite number within bounds. Without a fallback it has to be there. */
  number(name: keyof Options & string, fallback: number | undefined, least: number, most: number): number {
    const value = this.#options[name] ?? fallback
    if (typeof value !== 'number' || !(value >= least && value <= most)) {
      throw this.fault(name, `a number from ${least} to ${most}`, value)
    }
    return value
  }

  /** A whole number within bounds. */
  integer(name: keyof Options & string, fallback: number | undefined, least: number, most: number): number {
    const value = this.number(name, fallback, least, most)
    if (!Number.isInteger(value)) throw this.fault(name, 'a whole number', value)
    return value
  }

  boolean(name: keyof Options & string, fallback: boolean): boolean {
    const value = this.#options[name] ?? fallback
    if (typeof value !== 'boolean') throw this.fault(name, 'true or false', value)
    return value
  }

  oneOf<const Value extends string>(name: keyof Options & string, values: readonly Value[], fallback: Value): Value {
    const value = this.#options[name] ?? fallback
    const found = values.find((allowed) => allowed === value)
    if (found === undefined)
      throw this.fault(name, `one of ${values.map((allowed) => `'${allowed}'`).join(', ')}`, value)
    return found
  }

  /** Whatever `test` accepts, or `undefined` where the option is absent. */
  optional<Value>(
    name: keyof Options & string,
    expected: string,
    test: (value: unknown) => value is Value,
  ): Value | undefined {
    const value = this.#options[name]
    if (value === undefined) return undefined
    if (!test(value)) throw this.fault(name, expected, value)
    return value
  }

  /** Whatever `test` accepts. */
  required<Value>(name: keyof Options & string, expected: string, test: (value: unknown) => value is Value): Value {
    const value = this.optional(name, expected, test)
    if (value === undefined) throw this.fault(name, expected, value)
    return value
  }

  /** Reads an option that has options of its own. `null` and `undefined` are handed back as they are. */
  nested<Inner extends object>(
    name: keyof Options & string,
    known: readonly (keyof Inner & string)[],
  ): OptionReader<Inner> | null | undefined {
    const value = this.#options[name]
    if (value === undefined || value === null) return value
    if (typeof value !== 'object' || Array.isArray(value)) {
      throw this.fault(name, `{ ${known.join(', ')} } or null`, value)
    }
    return new OptionReader<Inner>(`${this.#factory}: ${name}`, value as Inner, known, `${this.#within}${name}.`)
  }

  /** The error of an option that does not fit. Of a value named `secret` or the like it shows the type alone. */
  fault(name: string, expected: string, value: unknown): ConfigurationError {
    const came = /secret|pepper|token|digest/i.test(name) ? typeof value : shown(value)
    const message = `${this.#factory}: "${name}" must be ${expected}, it is ${came}`
    return new ConfigurationError('invalid-option', message, { option: this.#within + name, expected })
  }
}

/**
 * A value for a message: numbers and short texts as they are, of all else only the type. A longer text, or a URL, may be a secret that
 * was given in a wrong place.
 */
export function shown(value: unknown): string {
  if (typeof value === 'string' && value.length <= 20 && !value.includes('://')) return JSON.stringify(value)
  if (value === null || Array.isArray(value)) return value === null ? 'null' : 'a list'
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : typeof value
}

export function isFunction<Signature extends (...parameters: never[]) => unknown>(value: unknown): value is Signature {
  return typeof value === 'function'
}

/** A name of 1 to 255 characters: control characters would break a line of a log, and a lone surrogate has no UTF-8. */
export function isLine(value: unknown): value is string {
  return typeof value === 'string' && /^[^\p{Cc}\p{Cs}]{1,255}$/u.test(value)
}

/** Something to append a code to. It goes into a `Link` field between angle brackets. */
export function isBaseUrl(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9+.-]*:[!#-;=?-~]+$/i.test(value)
}
