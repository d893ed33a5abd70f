/**
 * Why something could not be done to a key. `absent`: there is no such key; `revoked`, `expired` (past its end, or unused for too
 * long) or `rotated`: what the key already is; `too-many-keys`: the owner has as many as it may have.
 */
export type ApiKeyLifecycleFault = 'absent' | 'revoked' | 'expired' | 'rotated' | 'too-many-keys'

const messages: Readonly<Record<ApiKeyLifecycleFault, string>> = {
  absent: 'There is no such key',
  revoked: 'The key has been revoked for good',
  expired: 'The key is past its end',
  rotated: 'The key has been rotated already: its successor can be rotated',
  'too-many-keys': 'The owner has as many active keys as it may have',
}

/**
 * `issue` or `rotate` found a key or an owner in a state in which it cannot be done: neither a mistake in the program nor a
 * fault of the store. An application answers its own client by {@link ApiKeyLifecycleError.fault}: 404 for `absent`, else 409.
 */
export class ApiKeyLifecycleError extends Error {
  override readonly name = 'ApiKeyLifecycleError'
  readonly fault: ApiKeyLifecycleFault
  constructor(fault: ApiKeyLifecycleFault) {
    super(messages[fault])
    this.fault = fault
  }
}
