import { isLine, OptionReader } from '../../option-reader.js'
import { isEnvironment, isKeyId } from '../key/grammar.js'
import type { KeyQuery } from '../store.js'

/** A page of keys, in the order of their ids. */
export interface ApiKeyPage {
  readonly ownerId?: string
  readonly environment?: string
  /** Only keys in whose name this text stands, letter for letter. */
  readonly nameContains?: string
  /** Only keys after this id: the last one of the page before. */
  readonly after?: string
  /** 1 to 1000. @defaultValue `100` */
  readonly limit?: number
}

/** @throws ConfigurationError naming what does not fit. */
export function readPage(page: ApiKeyPage): KeyQuery {
  const read = new OptionReader('list', page, ['ownerId', 'environment', 'nameContains', 'after', 'limit'])
  const query: { readonly [Name in keyof KeyQuery]-?: KeyQuery[Name] | undefined } = {
    ownerId: read.optional('ownerId', 'a text of 1 to 255 characters', isLine),
    environment: read.optional('environment', '2 to 12 letters a to z', isEnvironment),
    nameContains: read.optional('nameContains', 'a text of 1 to 255 characters', isLine),
    after: read.optional('after', 'the id of a key', isKeyId),
    limit: read.integer('limit', 100, 1, 1000),
  }
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)) as unknown as KeyQuery
}
