import type { Dictionary } from 'structured-headers'
import { type FieldType, knownFieldTypes, serializeMember, strictValue, uniqueDictionary } from './structured-field.js'
import { queryParameters } from './target-uri.js'

/**
 * What is parsed for the components of one message. Each text is parsed once, however many components of however many signatures
 * ask: who signs nothing right must not keep us busy.
 */
export class MessageReader {
  readonly #types: Readonly<Record<string, FieldType>>
  readonly #dictionaries = new Map<string, Dictionary | undefined>()
  readonly #queries = new Map<string, ReadonlyMap<string, string | undefined>>()

  constructor(types: Readonly<Record<string, FieldType>>) {
    this.#types = types
  }

  /** A field in strict serialization; `undefined` where its type is not known, or it is not of it. */
  strictValue(name: string, text: string): string | undefined {
    const type = this.#typeOf(name)
    return type === undefined ? undefined : strictValue(text, type)
  }

  /** A member of a dictionary. Who asks for a key says that the field is one, where nobody says otherwise. */
  member(name: string, text: string, key: string): string | undefined {
    if ((this.#typeOf(name) ?? 'dictionary') !== 'dictionary') return undefined
    if (!this.#dictionaries.has(text)) this.#dictionaries.set(text, uniqueDictionary(text))
    const member = this.#dictionaries.get(text)?.get(key)
    return member === undefined ? undefined : serializeMember(member)
  }

  queryParameter(query: string, name: string): string | undefined {
    const parameters = this.#queries.get(query) ?? queryParameters(query)
    this.#queries.set(query, parameters)
    return parameters.get(name)
  }

  #typeOf(name: string): FieldType | undefined {
    if (Object.hasOwn(this.#types, name)) return this.#types[name]
    return Object.hasOwn(knownFieldTypes, name) ? knownFieldTypes[name] : undefined
  }
}
