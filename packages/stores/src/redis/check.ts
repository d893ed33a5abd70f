import type { Observe } from '@latchkey/core'
import type { Connection } from './connection.js'
import { text } from './reply.js'

/** What is wrong with a server, as far as it can be told from outside. */
export type RedisWarning =
  /** It evicts keys when its memory is full: a record that is evicted protects nobody, and its request can run twice. */
  | { readonly type: 'redis.evicting_policy'; readonly policy: string }
  /** It does not say whether it evicts keys. */
  | { readonly type: 'redis.unknown_policy' }

export type RedisStoreEvent =
  | RedisWarning
  /** It could not be asked. `check()` can be called again. */
  | { readonly type: 'redis.check_failed'; readonly error: unknown }

/** Asks every master for its `maxmemory-policy`; an evicting one counts even where `maxmemory` is not set yet. */
async function warningsOf(connection: Connection): Promise<readonly RedisWarning[]> {
  const warnings: RedisWarning[] = []
  await connection.onEachMaster(async (send) => {
    const policy = /^maxmemory_policy:(\S+)/m.exec(text(await send(['INFO', 'memory'])))?.[1]
    if (policy === undefined) warnings.push({ type: 'redis.unknown_policy' })
    else if (policy !== 'noeviction') warnings.push({ type: 'redis.evicting_policy', policy })
  })
  return warnings
}

/** Checks, and tells what came of it. */
export async function toldWarnings(
  connection: Connection,
  observe: Observe<RedisStoreEvent> | undefined,
): Promise<readonly RedisWarning[]> {
  const warnings = await warningsOf(connection)
  for (const warning of warnings) tellOf(warning, observe)
  return warnings
}

/** An observer's own fault is not the store's. */
export function tellOf(event: RedisStoreEvent, observe: Observe<RedisStoreEvent> | undefined): void {
  try {
    observe?.(event)
  } catch {
    // It was told.
  }
}
