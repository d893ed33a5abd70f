import type { Operation } from './operation.js'
import { notFound, type Refused } from './replies.js'

/** Where a request goes. */
export interface Route {
  readonly operation: Operation
  /** Empty where the path has none. */
  readonly id: string
}

/**
 * The path as it was sent, neither decoded nor normalised: a framework that routed `/public/%2e%2e/api-keys` past the guards of
 * `/api-keys` must not find us there.
 */
export function pathOf(url: string): string {
  return /^[^:/?#]+:\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? ''
}

/**
 * Finds the operation of a request under `basePath`; `undefined`: the path is not under it. `HEAD` goes where `GET` goes: the server
 * sends no body to it.
 */
export function router(
  basePath: string,
  operations: Readonly<Record<string, Readonly<Record<string, Operation>>>>,
): (method: string, path: string) => Route | Refused | undefined {
  const paths = new Map(Object.entries(operations).map(([path, methods]) => [path, new Map(Object.entries(methods))]))
  return (method, path) => {
    if (path !== basePath && !path.startsWith(`${basePath}/`)) return undefined
    const below = path.slice(basePath.length)
    const [, id = '', rest = ''] = /^\/([0-9A-Za-z]{12})((?:\/[a-z]+)?)$/.exec(below) ?? []
    // A brace in a path is one that was sent, and stands for nothing.
    const methods = below.includes('{') ? undefined : paths.get(id === '' ? below : `/{id}${rest}`)
    if (methods === undefined) return notFound
    const operation = methods.get(method === 'HEAD' ? 'GET' : method)
    return operation === undefined ? notAllowed([...methods.keys()]) : { operation, id }
  }
}

function notAllowed(methods: readonly string[]): Refused {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  return { code: 'management-method-not-allowed', headers: [['allow', allow]] }
}
