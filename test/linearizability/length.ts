import { randomUUID } from 'node:crypto'

/** How many histories a store has to stand: enough to find each flaw that was planted; `npm run prove -- linearizability` takes 2,000. */
export const histories = Number(process.env.LATCHKEY_HISTORIES ?? 60)

/** Where the choices come from: printed with whatever is found, and given again by `LATCHKEY_SEED`. */
export const runSeed = process.env.LATCHKEY_SEED ?? randomUUID().slice(0, 8)
