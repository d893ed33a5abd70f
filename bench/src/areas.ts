import { growth } from './areas/growth.js'
import { http } from './areas/http.js'
import { idempotency } from './areas/idempotency.js'
import { keys } from './areas/keys.js'
import { memory } from './areas/memory.js'
import { signatures } from './areas/signatures.js'
import { startUp } from './areas/start-up.js'
import { stores } from './areas/stores.js'
import { tokens } from './areas/tokens.js'

/** What the bench measures, by the names that `--area` takes, in the order in which it does. */
export const areas = {
  tokens,
  keys,
  idempotency,
  signatures,
  http,
  stores,
  memory,
  growth,
  'start-up': startUp,
} as const
