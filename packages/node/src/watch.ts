/** What waits on the response for the handler's reply; for frameworks that answer by other ways than the response, too. */
export interface Watch {
  /** Whether the handler has begun to answer on the response itself. */
  readonly hasBegun: boolean
  /** Whether the client has gone. */
  readonly isClosed: boolean
  /** The reply has been captured elsewhere: what is written to the response from here on is not captured again. */
  captured(): void
  /** The handler has ended, and the framework renders: where the connection is closed or closes now, no `end()` comes. */
  handlerEnded(how: 'returned' | 'threw'): void
}
