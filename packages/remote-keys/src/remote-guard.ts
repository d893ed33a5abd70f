import {
  type Awaitable,
  type Guard,
  isFunction,
  type MessageGuardOptions,
  type MessageGuardSettings,
  type MessageNotice,
  messageGuard,
  messageGuardOptions,
  messageGuardSettings,
  type Observe,
  type OptionReader,
  type PendingMessage,
  type RequestHeaders,
  tell,
} from '@latchkey/core'
import { rememberedSeconds } from './age.js'
import type { RemoteSignatureFault } from './fault.js'

/** What the guards of this package tell their observer. No event holds a secret, a signature or a body. */
export type RemoteSignatureEvent = { readonly scheme: string } & (
  | { readonly type: 'signature.verified'; readonly id: string | undefined }
  | MessageNotice<RemoteSignatureFault>
)

/** What all guards of this package have in common: the options of `signature` for the replay window, bodies and answers. */
export interface RemoteGuardOptions extends MessageGuardOptions {
  /** Told what was decided and why; clients are told no reason. */
  readonly observe?: Observe<RemoteSignatureEvent>
}

/** What each grant of this package says. */
export interface RemoteGrant {
  readonly scheme: string
  /** The delivery id; `undefined` where none is signed. */
  readonly id: string | undefined
  /** Whether the sender vouches for the id. */
  readonly isIdSigned: boolean
  /** Epoch milliseconds; `undefined` where no time is signed. */
  readonly signedAtMs: number | undefined
}

/** A message that may not be here as a whole yet. */
export interface MessageHead {
  readonly headers: RequestHeaders
  /** The whole body, for what can be told in no other way. */
  body(): Promise<Uint8Array>
}

/** How one kind of message is verified, by a guard or by a function. */
export interface RemoteVerifier<Grant extends RemoteGrant> {
  readonly scheme: string
  /** @param find asks for keys; see `MessageVerifier`. */
  begin(
    head: MessageHead,
    nowMs: number,
    find: <Keys>(work: () => Awaitable<Keys>) => Promise<Keys>,
  ): Awaitable<PendingMessage<Grant, RemoteSignatureFault> | RemoteSignatureFault>
}

/** Every option of {@link RemoteGuardOptions}; the compiler sees to it that none is missing. */
export const remoteGuardOptions = {
  ...messageGuardOptions,
  observe: true,
} as const satisfies Record<keyof RemoteGuardOptions, true>

/** {@link RemoteGuardOptions}, checked and complete. */
export interface RemoteGuardSettings extends MessageGuardSettings {
  readonly observe: Observe<RemoteSignatureEvent> | undefined
}

/**
 * Reads what all guards of this package have in common.
 *
 * @param maxAgeSeconds a handled message is remembered for longer than that unless `replayTtlSeconds` says otherwise.
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function remoteGuardSettings<Options extends RemoteGuardOptions>(
  factory: string,
  read: OptionReader<Options>,
  { maxAgeSeconds, signsNothing = false }: { readonly maxAgeSeconds: number; readonly signsNothing?: boolean },
): RemoteGuardSettings {
  const settings = messageGuardSettings(factory, read, signsNothing)
  const isChosen = read.optional('replayTtlSeconds', 'a number', (value): value is number => value !== undefined)
  const replayTtlSeconds =
    isChosen === undefined
      ? Math.max(settings.replayTtlSeconds, rememberedSeconds(maxAgeSeconds))
      : settings.replayTtlSeconds
  const observe = read.optional('observe', 'a function', isFunction<Observe<RemoteSignatureEvent>>)
  return { ...settings, replayTtlSeconds, observe }
}

/** The guard around a verifier. */
export function remoteGuard<Grant extends RemoteGrant>(
  settings: RemoteGuardSettings,
  verifier: RemoteVerifier<Grant>,
): Guard<Grant> {
  const { scheme } = verifier
  const { maxBodyBytes, bodyTimeoutSeconds, maxBufferedBytes, observe } = settings
  const limits = { maxBytes: maxBodyBytes, timeoutSeconds: bodyTimeoutSeconds, maxBufferedBytes }
  return messageGuard<Grant, RemoteSignatureFault>(
    settings,
    {
      begin: (request, nowMs, find) =>
        verifier.begin({ headers: request.headers, body: () => request.body(limits) }, nowMs, find),
      verified: ({ id }) => tell(observe, { scheme, type: 'signature.verified', id }),
      mountedTwice: (_, prior) => {
        const granted = prior.get('signature') as Partial<RemoteGrant> | undefined
        return granted?.scheme === scheme ? scheme : undefined
      },
    },
    (notice) => tell(observe, { scheme, ...notice }),
  )
}
