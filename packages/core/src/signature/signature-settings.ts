import { ConfigurationError } from '../errors.js'
import type { BoundScheme } from './bound-scheme.js'
import { type ContentSegment, contents } from './scheme.js'
import type { SignatureOptions } from './signature-options.js'
import type { ReplayStore } from './store.js'

/** Default and largest value of the options that are numbers; seconds that a timer counts are at most its 2^31 ms. */
const numbers = {
  replayTtlSeconds: { value: 259_200, most: Number.MAX_SAFE_INTEGER },
  replayLeaseSeconds: { value: 30, most: 86_400 },
  replayMaxLeaseSeconds: { value: 900, most: 604_800 },
  bodyTimeoutSeconds: { value: 10, most: 86_400 },
  secretsTimeoutSeconds: { value: 2, most: 86_400 },
  storeTimeoutSeconds: { value: 1, most: 86_400 },
  settleTimeoutSeconds: { value: 2, most: 86_400 },
  maxBodyBytes: { value: 1_048_576, most: Number.MAX_SAFE_INTEGER },
  maxBufferedBytes: { value: 67_108_864, most: Number.MAX_SAFE_INTEGER },
} as const

type NumberName = keyof typeof numbers
type OptionName = Exclude<keyof SignatureOptions, NumberName>

const others: Readonly<Record<OptionName, true>> = {
  scheme: true,
  store: true,
  replay: true,
  onReplay: true,
  toleranceSeconds: true,
  publicUrl: true,
  problemBaseUrl: true,
  observe: true,
  now: true,
}

/** The options with their defaults. */
export interface SignatureSettings
  extends Readonly<Record<NumberName, number>>,
    Pick<SignatureOptions, 'scheme' | 'publicUrl' | 'problemBaseUrl' | 'observe' | 'toleranceSeconds'> {
  /** `undefined`: there is no replay window. */
  readonly store: ReplayStore | undefined
  readonly onReplay: 'refuse' | 'acknowledge'
  readonly now: () => number
}

/** @throws ConfigurationError where an option is missing, unknown or impossible. */
export function resolveSettings(options: SignatureOptions): SignatureSettings {
  const given: Partial<SignatureOptions> = options ?? {}
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(others, name) && !Object.hasOwn(numbers, name))
  if (unknown !== undefined) throw invalid(`there is no option \`${unknown}\``)
  const { scheme, toleranceSeconds, publicUrl, onReplay = 'refuse', now = Date.now } = given
  if (scheme === undefined || typeof scheme.keysFor !== 'function') {
    throw invalid('scheme must be a preset with its secrets, such as github({ secrets: [secret] })')
  }
  if (toleranceSeconds !== undefined && !(toleranceSeconds >= 0)) {
    throw invalid(`toleranceSeconds must be a number of at least 0, not ${toleranceSeconds}`)
  }
  if (onReplay !== 'refuse' && onReplay !== 'acknowledge') {
    throw invalid(`onReplay must be 'refuse' or 'acknowledge', not ${JSON.stringify(onReplay)}`)
  }
  if (typeof now !== 'function')
    throw invalid(`now must be a function that answers epoch milliseconds, not ${typeof now}`)
  if (publicUrl === undefined && signs(scheme, 'url')) {
    throw invalid(`publicUrl must be given: ${scheme.scheme.name} signs the URL that its sender was told`)
  }
  const { problemBaseUrl, observe } = given
  return {
    ...resolveNumbers(given),
    scheme,
    store: replayStore(scheme, given),
    onReplay,
    now,
    ...(toleranceSeconds !== undefined && { toleranceSeconds }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(problemBaseUrl !== undefined && { problemBaseUrl }),
    ...(observe !== undefined && { observe }),
  }
}

function resolveNumbers(options: Partial<SignatureOptions>): Record<NumberName, number> {
  const resolved = Object.entries(numbers).map(([name, { value, most }]) => {
    const number = options[name as NumberName] ?? value
    if (typeof number !== 'number' || !(number > 0) || number > most) {
      throw invalid(`${name} must be a number above 0 and at most ${most}, not ${String(number)}`)
    }
    return [name, number] as const
  })
  return Object.fromEntries(resolved) as Record<NumberName, number>
}

/** The secure choice is the one that need not be thought of: without a window a replay is handled, so that is typed out. */
function replayStore(bound: BoundScheme, { store, replay }: Partial<SignatureOptions>): ReplayStore | undefined {
  if (replay !== undefined && replay !== false)
    throw invalid('replay must be `false` or absent; the window is on by default')
  const signsNothing = bound.scheme.content.length === 0
  if (replay === false || signsNothing) return undefined
  if (typeof store?.replay?.reserve === 'function') return store.replay
  throw invalid(
    'store must be given, so that a message is handled once: memoryStore() for one process, a shared store for several; ' +
      'or `replay: false`, to handle whatever is sent again',
  )
}

function signs({ scheme }: BoundScheme, segment: ContentSegment): boolean {
  return scheme.carriers.some((carrier) => contents(scheme, carrier).some((content) => content.includes(segment)))
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('invalid-option', `signature: ${message}`)
}
