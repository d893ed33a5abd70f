/** What the handler answers, as data; each framework's file sends it in its own idiom. */
export type Answer = Head &
  (
    | { readonly kind: 'json'; readonly json: unknown }
    | { readonly kind: 'text'; readonly text: string }
    | { readonly kind: 'bytes'; readonly bytes: Buffer }
    | { readonly kind: 'empty' }
    | { readonly kind: 'redirect'; readonly location: string }
    /** Ended without the framework's help. */
    | { readonly kind: 'end'; readonly text: string }
    /** The head written with an array of fields, then ended. */
    | { readonly kind: 'head-array'; readonly text: string }
    | { readonly kind: 'stream'; readonly pieces: AsyncIterable<Buffer> }
    | { readonly kind: 'throw'; readonly how: ThrowWay }
    | { readonly kind: 'never' }
  )

interface Head {
  readonly status: number
  readonly headers: ReadonlyArray<readonly [name: string, value: string | readonly string[]]>
}

/** How a handler fails: it throws, rejects, hands the error to `next`, or throws the framework's own HTTP error. */
type ThrowWay = (typeof throwWays)[number]

export const throwWays = ['sync', 'async', 'next', 'http'] as const

/** The fields in one list, name and value by turns, as `writeHead` takes them; a field with two values comes twice. */
export function flatHeaders({ headers }: Head): string[] {
  return headers.flatMap(([name, value]) => [value].flat().flatMap((one) => [name, one]))
}

/** Whether a response of this status has no body at all (RFC 9110 section 6.4.1). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
