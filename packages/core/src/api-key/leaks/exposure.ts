import { within } from '../../deadline.js'
import type { InvalidKeyReason } from '../verification.js'
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

/** With these, nothing is proven: tokens come from what anybody published, and an id alone must not revoke a key. */
const unproven: ReadonlySet<InvalidKeyReason> = new Set(['malformed', 'unknown', 'wrong-secret'] as const)

/**
 * Verifies each token and revokes the keys that they are. All of them are tried, whatever becomes of one; when all of a
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
    const verification = await within(storeTimeoutSeconds, () => keys.verify(token))
    if (!verification.isValid && unproven.has(verification.reason)) return { kind: 'foreign' }
    const keyId = verification.isValid ? verification.grant.keyId : verification.keyId
    if (keyId === undefined) return { kind: 'foreign' }
    if (!verification.isValid && verification.reason === 'revoked')
      return { kind: 'ours', keyId, outcome: 'was-revoked' }
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
