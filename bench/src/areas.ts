import { http } from './areas/http.js'
import { idempotency } from './areas/idempotency.js'
import { keys } from './areas/keys.js'
import { tokens } from './areas/tokens.js'

/** What the bench measures, by the names that `--area` takes, in the order in which it does. */
export const areas = { tokens, keys, idempotency, http } as const
