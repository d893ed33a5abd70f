import {
  type ApiKeys,
  apiKey,
  apiKeys,
  github,
  idempotency,
  oneTimeTokens,
  type Store,
  signature,
  standardWebhooks,
} from '@latchkey/core'
import { verificationKey } from '@latchkey/http-signatures'
import { postgresStore } from '@latchkey/stores/postgres'
import { redisStore } from '@latchkey/stores/redis'
import type { RunningLab } from '../lab/start.js'
import type { Secrets } from './secrets.js'
import type { Sinks } from './sinks.js'

interface Service {
  readonly store: Store
  readonly keys: ApiKeys
  readonly lab: RunningLab
}

/** Prints what an application may print by mistake, and sets it up wrongly with secrets where something else belongs. */
export async function misuse(sinks: Sinks, secrets: Secrets, { store, keys, lab }: Service): Promise<void> {
  const { hookSecret, recordSecret, urlPassword, body, idempotencyKey } = secrets
  const { observe } = sinks
  const scheme = github({ secrets: [hookSecret] })
  const printed: unknown[] = [
    store,
    keys,
    scheme,
    await keys.verify(lab.keys.alice),
    await keys.verify(secrets.unknownKey),
    apiKey({ keys, observe }),
    idempotency({ store, scope: 'everyone', secret: recordSecret, observe }),
    signature({ scheme, store, observe }),
    oneTimeTokens({ store, observe }),
    apiKeys({ store, prefix: 'acme', peppers: { current: '2026', secrets: { '2026': hookSecret } } }),
  ]
  for (const value of printed) sinks.add('object', value)

  const url = `redis://:${urlPassword}@127.0.0.1`
  const wrong: readonly (() => unknown)[] = [
    () => standardWebhooks({ secrets: [body] }),
    () => github({ secrets: [hookSecret, ''] }),
    () => github({ secrets: hookSecret as never }),
    () => idempotency({ store, scope: 'everyone', secret: [recordSecret] as never }),
    () => idempotency({ store: recordSecret as never, scope: 'everyone' }),
    () => apiKeys({ store, prefix: 'acme', peppers: hookSecret as never }),
    () => apiKeys({ store: url as never, prefix: 'acme' }),
    () => verificationKey({ algorithm: 'ed25519', key: hookSecret }),
    () => postgresStore({ client: url as never }),
    () => redisStore({ client: url as never }),
    () => oneTimeTokens({ store, secret: [hookSecret] as never }),
    () => keys.revoke(lab.keys.alice),
    () => keys.get(lab.keys.alice),
    () => keys.rotate(lab.keys.alice),
    () => keys.update(lab.keys.alice, { name: 7 as never }),
    () => keys.issue({ ownerId: { idempotencyKey } as never }),
  ]
  for (const act of wrong) {
    try {
      sinks.add('object', await act())
    } catch (error) {
      sinks.add('error', error)
    }
  }
}
