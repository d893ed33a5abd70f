import { ConfigurationError } from '../errors.js'
import { isBaseUrl, isFunction, type OptionReader } from '../option-reader.js'
import type { SignatureOptions } from './signature-options.js'
import type { HasReplayStore, ReplayStore } from './store.js'

/** The options that guards of every kind of signature have in common: the replay window, the bounds of a body, the answers. */
export type MessageGuardOptions = Omit<SignatureOptions, 'scheme' | 'toleranceSeconds' | 'publicUrl' | 'observe'>

/** {@link MessageGuardOptions}, checked and complete. */
export interface MessageGuardSettings {
  /** `undefined`: there is no replay window. */
  readonly store: ReplayStore | undefined
  readonly replayTtlSeconds: number
  readonly replayLeaseSeconds: number
  readonly replayMaxLeaseSeconds: number
  readonly onReplay: 'refuse' | 'acknowledge'
  readonly maxBodyBytes: number
  readonly bodyTimeoutSeconds: number
  readonly maxBufferedBytes: number
  readonly secretsTimeoutSeconds: number
  readonly storeTimeoutSeconds: number
  readonly settleTimeoutSeconds: number
  readonly problemBaseUrl: string | undefined
  readonly now: () => number
}

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

/** Every option of {@link MessageGuardOptions}; the compiler sees to it that none is missing. */
export const messageGuardOptions = {
  store: true,
  replay: true,
  replayTtlSeconds: true,
  replayLeaseSeconds: true,
  replayMaxLeaseSeconds: true,
  onReplay: true,
  maxBodyBytes: true,
  bodyTimeoutSeconds: true,
  maxBufferedBytes: true,
  secretsTimeoutSeconds: true,
  storeTimeoutSeconds: true,
  settleTimeoutSeconds: true,
  problemBaseUrl: true,
  now: true,
} as const satisfies Record<keyof MessageGuardOptions, true>

/**
 * Reads what guards of every kind of signature have in common.
 *
 * @param factory whose options they are, for messages.
 * @param signsNothing nothing is signed that a message could be known by, so that there is no replay window.
 * @throws ConfigurationError naming the first option that does not fit.
 */
export function messageGuardSettings<Options extends MessageGuardOptions>(
  factory: string,
  read: OptionReader<Options>,
  signsNothing = false,
): MessageGuardSettings {
  const replayLeaseSeconds = read.number('replayLeaseSeconds', 30, 0.1, 86_400)
  return {
    store: replayStore(factory, read, signsNothing),
    replayTtlSeconds: read.number('replayTtlSeconds', 259_200, 0.1, 315_360_000),
    replayLeaseSeconds,
    replayMaxLeaseSeconds: read.number(
      'replayMaxLeaseSeconds',
      Math.max(900, replayLeaseSeconds),
      replayLeaseSeconds,
      604_800,
    ),
    onReplay: read.oneOf('onReplay', ['refuse', 'acknowledge'], 'refuse'),
    maxBodyBytes: read.integer('maxBodyBytes', mebibyte, 0, gibibyte),
    bodyTimeoutSeconds: read.number('bodyTimeoutSeconds', 10, 0.1, 3600),
    maxBufferedBytes: read.integer('maxBufferedBytes', 64 * mebibyte, 0, 64 * gibibyte),
    secretsTimeoutSeconds: read.number('secretsTimeoutSeconds', 2, 0.01, 60),
    storeTimeoutSeconds: read.number('storeTimeoutSeconds', 1, 0.01, 60),
    settleTimeoutSeconds: read.number('settleTimeoutSeconds', 2, 0.01, 60),
    problemBaseUrl: read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl),
    now: read.optional('now', 'a function', isFunction<() => number>) ?? Date.now,
  }
}

/** The secure choice is the one that need not be thought of: to do without a window is typed out. */
function replayStore<Options extends MessageGuardOptions>(
  factory: string,
  read: OptionReader<Options>,
  signsNothing: boolean,
): ReplayStore | undefined {
  const store = read.optional('store', 'a store with a replay part', isStore)
  const replay = read.optional('replay', 'false, or absent: the window is on by default', (value) => value === false)
  if (replay === false || signsNothing) return undefined
  if (store !== undefined) return store.replay
  throw new ConfigurationError(
    'invalid-option',
    `${factory}: "store" must be given, so that each message is handled once: memoryStore() for one process, a shared store ` +
      'for several; or "replay: false" must be, to handle a message as often as it is sent',
  )
}

function isStore(value: unknown): value is HasReplayStore {
  const replay = (value as Partial<HasReplayStore> | null)?.replay
  return typeof replay?.reserve === 'function' && isFunction(replay.commit) && isFunction(replay.release)
}
