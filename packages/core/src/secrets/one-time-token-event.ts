/** What `oneTimeTokens` tells its observer. No event holds a token. */
export type OneTimeTokenEvent =
  | {
      readonly type: 'one-time-token.issued'
      readonly subject: string
      readonly purpose: string
      readonly expiresAtMs: number
    }
  | { readonly type: 'one-time-token.consumed'; readonly subject: string; readonly purpose: string }
  /** Unknown, expired, used, malformed or of another purpose: nobody can tell which, this process neither. */
  | { readonly type: 'one-time-token.refused'; readonly purpose: string }
  /** `purpose` is `null` where all of them were meant; `tokens` is how many were still good. */
  | {
      readonly type: 'one-time-token.revoked'
      readonly subject: string
      readonly purpose: string | null
      readonly tokens: number
    }
