import {
  type ApiKeyGrantIf,
  type ApiKeyOptions,
  apiKey,
  type Guard,
  type IdempotencyGuard,
  type IdempotencyOptions,
  idempotency as idempotencyGuard,
  type SignatureGrant,
  type SignatureOptions,
  signature,
} from '@latchkey/core'
import { type Mounted, type MountOptions, mount } from './mount.js'

export { type Mounted, type MountOptions, mount } from './mount.js'

/** Asks for an API key: see `apiKey` of `@latchkey/core`. The grant is `c.var.apiKey`. */
export function apiKeyAuth<Scope extends string = string, Optional extends boolean = false>(
  options: ApiKeyOptions<Scope, Optional>,
  mounting?: MountOptions,
): Mounted<'apiKey', Guard<ApiKeyGrantIf<Scope, Optional>>> {
  return mount('apiKey', apiKey(options), mounting)
}

/** Lets a request run once: see `idempotency` of `@latchkey/core`. The grant is `c.var.idempotency`. */
export function idempotency(
  options: IdempotencyOptions,
  mounting?: MountOptions,
): Mounted<'idempotency', IdempotencyGuard> {
  return mount('idempotency', idempotencyGuard(options), mounting)
}

/** Lets in what a known sender has signed: see `signature` of `@latchkey/core`. The grant is `c.var.signature`. */
export function verifySignature(
  options: SignatureOptions,
  mounting?: MountOptions,
): Mounted<'signature', Guard<SignatureGrant>> {
  return mount('signature', signature(options), mounting)
}
