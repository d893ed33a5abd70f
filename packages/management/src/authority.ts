import { ConfigurationError, isLine, isScopeGrant, mayHandOn, type NewApiKey, OptionReader } from '@latchkey/core'

/** What can be done to keys. `read` is to list them and to look at one. */
export const managementActions = Object.freeze([
  'read',
  'issue',
  'update',
  'rotate',
  'revoke',
  'disable',
  'enable',
  'remove',
] as const)

/** One of {@link managementActions}. */
export type ManagementAction = (typeof managementActions)[number]

/** What a request can choose of a key beside its owner, environment and scopes. */
export const managementFields = Object.freeze([
  'name',
  'metadata',
  'allowedIps',
  'rateLimit',
  'quota',
  'expiresAtMs',
  'idleSeconds',
] as const)

/** One of {@link managementFields}. */
export type ManagementField = (typeof managementFields)[number]

/**
 * What the sender of a request may do to which keys. A request chooses within it and never beyond: what is not given here cannot be
 * taken by anything that a request holds.
 */
export interface ManagementAuthority {
  /** Who this is, for events: 1 to 255 characters. */
  readonly actor: string
  /** What may be done. */
  readonly actions: readonly ManagementAction[] | 'every'
  /** The owners whose keys these are. To all else the keys of others do not exist. */
  readonly ownerIds: readonly string[] | 'every'
  /** The environments whose keys these are. @defaultValue `'every'` */
  readonly environments?: readonly string[] | 'every'
  /**
   * The scopes that a key may have: grants, in which `*` stands for a segment, as in a key. Who may not give a scope cannot issue,
   * update, rotate or enable a key that has it.
   *
   * @remarks Insecure if it is more than the sender has: whoever gets a key has what the key has.
   */
  readonly scopes: readonly string[]
  /** What of a key the request may choose. @defaultValue `['name', 'expiresAtMs', 'idleSeconds']` */
  readonly fields?: readonly ManagementField[]
  /** What a new key has where the request may not choose, or does not. @defaultValue `{}` */
  readonly defaults?: Omit<NewApiKey, 'ownerId' | 'environment' | 'scopes'>
}

/** {@link ManagementAuthority}, checked and complete. */
export class Authority {
  readonly actor: string
  readonly ownerIds: readonly string[] | 'every'
  readonly environments: readonly string[] | 'every'
  readonly defaults: Omit<NewApiKey, 'ownerId' | 'environment' | 'scopes'>
  readonly #actions: readonly ManagementAction[] | 'every'
  readonly #scopes: readonly string[]
  readonly #fields: readonly ManagementField[]

  /** @throws ConfigurationError naming what does not fit: what is misread must not give power. */
  constructor(given: ManagementAuthority) {
    const names = Object.keys(known) as (keyof ManagementAuthority)[]
    const read = new OptionReader<ManagementAuthority>('authorize', given, names)
    this.actor = read.required('actor', 'a text of 1 to 255 characters', isLine)
    this.#actions = read.required('actions', `'every', or a list of ${managementActions.join(', ')}`, isActions)
    this.ownerIds = read.required('ownerIds', "a list of owners, or 'every'", isNames)
    this.environments = read.optional('environments', "a list of environments, or 'every'", isNames) ?? 'every'
    this.#scopes = read.required('scopes', 'a list of scopes such as "payments:*"', isScopes)
    this.#fields = read.optional('fields', `a list of ${managementFields.join(', ')}`, isFields) ?? usualFields
    this.defaults = read.optional('defaults', 'an object', isObject) ?? {}
    if ('ownerId' in this.defaults || 'environment' in this.defaults || 'scopes' in this.defaults) {
      throw new ConfigurationError('invalid-option', 'authorize: "defaults" has no owner, environment or scopes')
    }
  }

  may(action: ManagementAction): boolean {
    return this.#actions === 'every' || this.#actions.includes(action)
  }

  mayChoose(field: string): boolean {
    return (this.#fields as readonly string[]).includes(field)
  }

  /** Whether a key may have all of these scopes. */
  mayGive(scopes: readonly string[]): boolean {
    return scopes.every((scope) => mayHandOn(this.#scopes, scope))
  }

  /** Whether keys of this owner in this environment exist for the sender. */
  reaches({ ownerId, environment }: { readonly ownerId: string; readonly environment: string }): boolean {
    return isAmong(this.ownerIds, ownerId) && isAmong(this.environments, environment)
  }
}

/** What is meant where nothing else can be. */
export function onlyOne(names: readonly string[] | 'every'): string | undefined {
  return names !== 'every' && names.length === 1 ? names[0] : undefined
}

export function isAmong(names: readonly string[] | 'every', name: string): boolean {
  return names === 'every' || names.includes(name)
}

const usualFields: readonly ManagementField[] = ['name', 'expiresAtMs', 'idleSeconds']

/** Every member; the compiler sees to it that none is missing. */
const known = {
  actor: true,
  actions: true,
  ownerIds: true,
  environments: true,
  scopes: true,
  fields: true,
  defaults: true,
} as const satisfies Record<keyof ManagementAuthority, true>

function isActions(value: unknown): value is readonly ManagementAction[] | 'every' {
  return value === 'every' || isListOf(value, (name) => (managementActions as readonly unknown[]).includes(name))
}

function isFields(value: unknown): value is readonly ManagementField[] {
  return isListOf(value, (name) => (managementFields as readonly unknown[]).includes(name))
}

function isNames(value: unknown): value is readonly string[] | 'every' {
  return value === 'every' || isListOf(value, isLine)
}

function isScopes(value: unknown): value is readonly string[] {
  return isListOf(value, isScopeGrant)
}

function isListOf(value: unknown, test: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && Array.from(value).every(test)
}

function isObject(value: unknown): value is Omit<NewApiKey, 'ownerId' | 'environment' | 'scopes'> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
