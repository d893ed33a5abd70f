import { within } from '../../deadline.js'
import type { SecretScanningEvent } from './secret-scanning-event.js'
import type { SecretScanningSettings } from './secret-scanning-options.js'

/** What a token turned out to be. `foreign`: no key of ours; `unknown`: the store could not tell. */
export type Exposure =
  | { readonly kind: 'ours'; readonly keyId: string; readonly outcome: Outcome }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unknown' }

type Outcome = Extract<SecretScanningEvent, { type: 'api-key.exposed' }>['outcome']

/** Tokens that the store is asked about at once. */
const batchSize = 16

/**
 * Identifies each token and revokes the keys that they are. All of them are tried, whatever becomes of one; when all of a
 * batch fail, the store is down, and the rest is left to GitHub's next message.
 *
 * @param failed told of each fault of the store.
 */
export async function examine(
  tokens: readonly string[],
  settings: SecretScanningSettings,
  failed: (error: unknown) => void,
): Promise<ReadonlyMap<string, Exposure>> {
  const exposures = new Map<string, Exposure>()
  for (let at = 0; at < tokens.length; at += batchSize) {
    const batch = tokens.slice(at, at + batchSize)
    const found = await Promise.all(batch.map((token) => examineOne(token, settings, failed)))
    for (const [index, token] of batch.entries()) exposures.set(token, found[index]!)
    if (found.every(({ kind }) => kind === 'unknown')) break
  }
  return exposures
}

async function examineOne(
  token: string,
  settings: SecretScanningSettings,
  failed: (error: unknown) => void,
): Promise<Exposure> {
  const { keys, revoke, storeTimeoutSeconds } = settings
  try {
    // Tokens come from what anybody published: an id alone must not revoke a key.
    const info = await within(storeTimeoutSeconds, () => keys.identify(token))
    if (info === undefined) return { kind: 'foreign' }
    const keyId = info.id
    if (info.revokedAtMs !== null) return { kind: 'ours', keyId, outcome: 'was-revoked' }
    return { kind: 'ours', keyId, outcome: revoke ? await revokeOne(keyId, settings, failed) : 'kept' }
  } catch (error) {
    failed(error)
    return { kind: 'unknown' }
  }
}

async function revokeOne(
  keyId: string,
  { keys, storeTimeoutSeconds }: SecretScanningSettings,
  failed: (error: unknown) => void,
): Promise<Outcome> {
  try {
    return (await within(storeTimeoutSeconds, () => keys.revoke(keyId, 'exposed on GitHub')))
      ? 'revoked'
      : 'was-revoked'
  } catch (error) {
    failed(error)
    return 'failed'
  }
}
