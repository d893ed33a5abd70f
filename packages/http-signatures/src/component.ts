import { ConfigurationError } from '@latchkey/core'
import { type Item, type Parameters, parseItem, serializeItem } from 'structured-headers'

/** A component that a signature covers (RFC 9421 section 2). */
export interface Component {
  readonly name: string
  readonly parameters: Parameters
  /** As it stands in the signature base: `"@query-param";name="id"`. */
  readonly identifier: string
  /** The same for identifiers that are equal, whatever the order of their parameters. */
  readonly identity: string
}

const flags: ReadonlySet<string> = new Set(['sf', 'bs', 'req', 'tr'])
const texts: ReadonlySet<string> = new Set(['key', 'name'])
const fieldName = /^[a-z0-9!#$%&'*+.^_`|~-]+$/
const derived: ReadonlySet<string> = new Set([
  '@method',
  '@target-uri',
  '@authority',
  '@scheme',
  '@request-target',
  '@path',
  '@query',
  '@query-param',
  '@status',
])

/** Reads a member of the list of covered components; `undefined` where it is none that we understand. */
export function readComponent(item: Item): Component | undefined {
  const [name, parameters] = item
  if (typeof name !== 'string' || !areUnderstood(parameters) || !areFitting(name, parameters)) return undefined
  const sorted = new Map([...parameters].sort(([a], [b]) => (a < b ? -1 : 1)))
  return { name, parameters, identifier: serializeItem(item), identity: serializeItem([name, sorted]) }
}

function areUnderstood(parameters: Parameters): boolean {
  return [...parameters].every(([name, value]) => {
    return flags.has(name) ? value === true : texts.has(name) && typeof value === 'string'
  })
}

/** `bs` takes raw lines, `sf` and `key` parsed values; a derived component is no field. */
function areFitting(name: string, parameters: Parameters): boolean {
  if (!name.startsWith('@')) {
    const isParsed = parameters.has('sf') || parameters.has('key')
    return fieldName.test(name) && !parameters.has('name') && !(parameters.has('bs') && isParsed)
  }
  if (!derived.has(name) || (name === '@status' && parameters.has('req'))) return false
  if ((name === '@query-param') !== parameters.has('name')) return false
  return [...parameters.keys()].every((key) => key === 'req' || key === 'name')
}

/**
 * Reads a component as options name it: `@method`, `content-digest`, `@query-param;name="id"`, `@path;req`.
 *
 * @throws ConfigurationError where it names none.
 */
export function namedComponent(text: string, where: string): Component {
  const [, name = '', rest = ''] = /^([^;"]*)(.*)$/s.exec(typeof text === 'string' ? text : '') ?? []
  let component: Component | undefined
  try {
    component = readComponent(parseItem(`"${name}"${rest}`))
  } catch {
    component = undefined
  }
  if (component !== undefined) return component
  throw new ConfigurationError(
    'invalid-option',
    `${where} must be a derived component or the name of a field in lower case, with its parameters: ` +
      `'@method', 'content-digest', '@query-param;name="id"'`,
  )
}
