import { apiKeys, memoryStore, tokenBatch, tokenUrlsafe } from '@latchkey/core'
import type { Area } from '../area.js'
import { mintedKey } from '../floors/key-floor.js'
import { pooledToken, tokensAtOnce } from '../floors/token-floor.js'
import { nanoidToken, otherTokens, prefixedKey, pythonToken } from '../peers/token-peers.js'
import { timedGroup } from '../timed-group.js'

const inBatch = 1000

/** Making secrets: tokens one by one, in batches, and whole API keys. */
export const tokens: Area = async function* (effort) {
  const python = pythonToken()
  const single = { name: 'Latchkey tokenUrlsafe()', kind: 'latchkey', run: () => tokenUrlsafe() } as const
  const pooled = { name: 'pooled, wiped', kind: 'floor', run: pooledToken } as const
  yield await timedGroup(
    'One token of 256 bits',
    [pooled, single, nanoidToken, ...otherTokens, ...(python === undefined ? [] : [python])],
    [
      { of: single.name, to: pooled.name, atMost: 1.25 },
      { of: single.name, to: nanoidToken.name, atMost: 0.4 },
      ...(python === undefined ? [] : [{ of: single.name, to: python.name, atMost: 0.2 }]),
    ],
    effort,
  )
  if (python === undefined) yield { title: 'Python secrets.token_urlsafe', skipped: 'there is no python3 here' }

  const together = {
    name: 'one draw, wiped',
    kind: 'floor',
    perRun: inBatch,
    run: () => tokensAtOnce(inBatch),
  } as const
  const batch = {
    name: 'Latchkey tokenBatch()',
    kind: 'latchkey',
    perRun: inBatch,
    run: () => tokenBatch(inBatch),
  } as const
  yield await timedGroup(
    `One of ${inBatch.toLocaleString('en')} tokens made together`,
    [together, batch],
    [{ of: batch.name, to: together.name, atMost: 1.25 }],
    effort,
  )

  let keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
  const issue = {
    name: 'Latchkey keys.issue()',
    kind: 'latchkey',
    remark: 'checks what the key is to be, and stores it with its scopes',
    fresh: () => {
      keys = apiKeys({ store: memoryStore(), prefix: 'acme' })
    },
    run: () => keys.issue({ ownerId: 'org_1', environment: 'live', scopes: ['payments:read'] }),
  } as const
  const minted = { name: 'drawn, hashed, in a Map', kind: 'floor', run: mintedKey } as const
  yield await timedGroup(
    'A whole API key, with its digest stored',
    [minted, issue, prefixedKey],
    [{ of: issue.name, to: prefixedKey.name, atMost: 0.1 }],
    effort,
  )
}
