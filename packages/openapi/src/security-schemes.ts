import type { CredentialPlace } from '@latchkey/core'
import type { JsonObject } from './document.js'

/** The security scheme of each place in which a key may be, by a name that says which place it is. */
export function securitySchemes(places: readonly CredentialPlace[]): Record<string, JsonObject> {
  return Object.fromEntries(places.map((place) => [schemeName(place), securityScheme(place)]))
}

/**
 * What an operation requires: a key in any one of the places. The scopes stand there for people and for documentation; OpenAPI 3.1
 * lets any scheme name roles ("Security Requirement Object").
 */
export function securityRequirements(
  places: readonly CredentialPlace[],
  scopes: readonly string[],
  isOptional: boolean,
): JsonObject[] {
  return [...(isOptional ? [{}] : []), ...places.map((place) => ({ [schemeName(place)]: scopes }))]
}

function securityScheme(place: CredentialPlace): JsonObject {
  const description = 'An API key.'
  if ('scheme' in place) return { type: 'http', scheme: place.scheme.toLowerCase(), description }
  if ('header' in place) return { type: 'apiKey', in: 'header', name: place.header, description }
  return { type: 'apiKey', in: 'query', name: place.query, description }
}

/** Names of components are of `[a-zA-Z0-9.\-_]`: whatever else is in the name of a place is written as its code. */
function schemeName(place: CredentialPlace): string {
  const [[kind, name]] = Object.entries(place) as [[string, string]]
  return `${kind}.${name.replace(/[^a-zA-Z0-9-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`)}`
}
