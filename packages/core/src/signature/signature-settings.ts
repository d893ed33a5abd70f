import { ConfigurationError } from '../errors.js'
import type { Observe } from '../observe.js'
import { isBaseUrl, isFunction, OptionReader } from '../option-reader.js'
import type { BoundScheme } from './bound-scheme.js'
import { contents, signsUrl } from './scheme.js'
import type { SignatureEvent } from './signature-event.js'
import type { SignatureOptions } from './signature-options.js'
import type { HasReplayStore, ReplayStore } from './store.js'

/** {@link SignatureOptions}, checked and complete. */
export interface SignatureSettings {
  readonly scheme: BoundScheme
  /** `undefined`: there is no replay window. */
  readonly store: ReplayStore | undefined
  readonly replayTtlSeconds: number
  readonly replayLeaseSeconds: number
  readonly replayMaxLeaseSeconds: number
  readonly onReplay: 'refuse' | 'acknowledge'
  readonly toleranceSeconds: number | undefined
  readonly publicUrl: SignatureOptions['publicUrl'] | undefined
  readonly maxBodyBytes: number
  readonly bodyTimeoutSeconds: number
  readonly maxBufferedBytes: number
  readonly secretsTimeoutSeconds: number
  readonly storeTimeoutSeconds: number
  readonly settleTimeoutSeconds: number
  readonly problemBaseUrl: string | undefined
  readonly observe: Observe<SignatureEvent> | undefined
  readonly now: () => number
}

const mebibyte = 1024 * 1024
const gibibyte = 1024 * mebibyte

/** @throws ConfigurationError naming the first option that does not fit. */
export function signatureSettings(options: SignatureOptions): SignatureSettings {
  const read = new OptionReader('signature', options, Object.keys(known) as (keyof SignatureOptions)[])
  const scheme = read.required('scheme', 'a preset with its secrets, as github({ secrets: [secret] })', isBoundScheme)
  const replayLeaseSeconds = read.number('replayLeaseSeconds', 30, 0.1, 86_400)
  const publicUrl = read.optional(
    'publicUrl',
    'an absolute URL, a list of them, or a function that answers one',
    isPublicUrl,
  )
  if (publicUrl === undefined && isUrlSigned(scheme)) {
    throw read.fault('publicUrl', `the URL that the sender was given: ${scheme.scheme.name} signs it`, publicUrl)
  }
  return {
    scheme,
    store: replayStore(scheme, read),
    replayTtlSeconds: read.number('replayTtlSeconds', 259_200, 0.1, 315_360_000),
    replayLeaseSeconds,
    replayMaxLeaseSeconds: read.number(
      'replayMaxLeaseSeconds',
      Math.max(900, replayLeaseSeconds),
      replayLeaseSeconds,
      604_800,
    ),
    onReplay: read.oneOf('onReplay', ['refuse', 'acknowledge'], 'refuse'),
    toleranceSeconds: read.optional('toleranceSeconds', 'a number of at least 0', isTolerance),
    publicUrl,
    maxBodyBytes: read.integer('maxBodyBytes', mebibyte, 0, gibibyte),
    bodyTimeoutSeconds: read.number('bodyTimeoutSeconds', 10, 0.1, 3600),
    maxBufferedBytes: read.integer('maxBufferedBytes', 64 * mebibyte, 0, 64 * gibibyte),
    secretsTimeoutSeconds: read.number('secretsTimeoutSeconds', 2, 0.01, 60),
    storeTimeoutSeconds: read.number('storeTimeoutSeconds', 1, 0.01, 60),
    settleTimeoutSeconds: read.number('settleTimeoutSeconds', 2, 0.01, 60),
    problemBaseUrl: read.optional('problemBaseUrl', 'an absolute URL that a code can be appended to', isBaseUrl),
    observe: read.optional('observe', 'a function', isFunction<Observe<SignatureEvent>>),
    now: read.optional('now', 'a function', isFunction<() => number>) ?? Date.now,
  }
}

/** Every option; the compiler sees to it that none is missing. */
const known = {
  scheme: true,
  store: true,
  replay: true,
  replayTtlSeconds: true,
  replayLeaseSeconds: true,
  replayMaxLeaseSeconds: true,
  onReplay: true,
  toleranceSeconds: true,
  publicUrl: true,
  maxBodyBytes: true,
  bodyTimeoutSeconds: true,
  maxBufferedBytes: true,
  secretsTimeoutSeconds: true,
  storeTimeoutSeconds: true,
  settleTimeoutSeconds: true,
  problemBaseUrl: true,
  observe: true,
  now: true,
} as const satisfies Record<keyof SignatureOptions, true>

/** The secure choice is the one that need not be thought of: to do without a window is typed out. */
function replayStore(bound: BoundScheme, read: OptionReader<SignatureOptions>): ReplayStore | undefined {
  const store = read.optional('store', 'a store with a replay part', isStore)
  const replay = read.optional('replay', 'false, or absent: the window is on by default', (value) => value === false)
  const signsNothing = bound.scheme.content.length === 0
  if (replay === false || signsNothing) return undefined
  if (store !== undefined) return store.replay
  throw new ConfigurationError(
    'invalid-option',
    'signature: "store" must be given, so that each message is handled once: memoryStore() for one process, a shared store ' +
      'for several; or "replay: false" must be, to handle a message as often as it is sent',
  )
}

function isBoundScheme(value: unknown): value is BoundScheme {
  return typeof value === 'object' && value !== null && 'keysFor' in value && isFunction(value.keysFor)
}

function isStore(value: unknown): value is HasReplayStore {
  const replay = (value as Partial<HasReplayStore> | null)?.replay
  return typeof replay?.reserve === 'function' && isFunction(replay.commit) && isFunction(replay.release)
}

function isPublicUrl(value: unknown): value is NonNullable<SignatureOptions['publicUrl']> {
  if (Array.isArray(value)) return value.length > 0 && value.every(isUrl)
  return isFunction(value) || isUrl(value)
}

function isUrl(value: unknown): value is string {
  return typeof value === 'string' && URL.canParse(value)
}

function isTolerance(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}

function isUrlSigned({ scheme }: BoundScheme): boolean {
  return scheme.carriers.some((carrier) => contents(scheme, carrier).some(signsUrl))
}
