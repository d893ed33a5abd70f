/** The class that the library's own limiters are made of. It is documented for nobody, so the library's version is pinned. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
  interface Counted {
    readonly consumedPoints: number
    readonly remainingPoints: number
    readonly msBeforeNext: number
  }

  export default abstract class RateLimiterStoreAbstract<Stored> {
    constructor(options: { readonly points: number; readonly duration: number; readonly keyPrefix: string })
    readonly points: number
    /** Rejects with what was counted where it is more than `points`. */
    consume(key: string): Promise<Counted>
    protected abstract _upsert(key: string, points: number, windowMs: number): Promise<Stored>
    protected abstract _getRateLimiterRes(key: string, points: number, stored: Stored): Counted
  }
}
