import {
  type Awaitable,
  type Guard,
  type GuardRequest,
  type MessageNotice,
  messageGuard,
  observedGuard,
  type PendingMessage,
  tell as tellObserver,
} from '@latchkey/core'
import type { HttpSignatureFault } from './fault.js'
import { type HttpSignatureOptions, type HttpSignatureSettings, httpSignatureSettings } from './guard-options.js'
import { guardFields, type RequestMessage } from './http-message.js'
import { targetUri } from './target-uri.js'
import { type VerifiedSignature, verifyHead } from './verification.js'

/** What the handler learns about the message that it may trust. */
export interface HttpSignatureGrant {
  readonly scheme: 'rfc9421'
  /** The nonce of the first signature, where the policy requires one: what the replay window knows the message by. */
  readonly id: string | undefined
  /** Those that were found right, at least one: trust what their `components` name, and nothing else of the request. */
  readonly signatures: readonly VerifiedSignature[]
}

/**
 * The guard that lets a request through only if it is signed by RFC 9421 as the policy says, its body has the digest that is signed,
 * and, with a replay window, only once.
 *
 * Signatures are over the head, so they are verified before the body is read; the body is hashed as it arrives. The window,
 * the answers and their meaning are those of `signature`.
 *
 * @example
 * ```ts
 * import { memoryStore } from '@latchkey/core'
 * import { httpSignature, verificationKey } from '@latchkey/http-signatures'
 *
 * const fromPartner = (publicKey: string) =>
 *   httpSignature({
 *     keys: verificationKey({ algorithm: 'ed25519', key: publicKey }),
 *     policy: { required: ['@method', '@target-uri', 'content-digest'], maxAgeSeconds: 300, algorithms: ['ed25519'] },
 *     store: memoryStore(),
 *   })
 * ```
 *
 * @throws ConfigurationError where an option is impossible; by rejection where something read the body before the guard, or
 * where it guards a request twice.
 */
export function httpSignature(options: HttpSignatureOptions): Guard<HttpSignatureGrant> {
  const settings = httpSignatureSettings(options)
  const tell = (notice: MessageNotice<HttpSignatureFault>) =>
    tellObserver(settings.observe, { scheme: 'rfc9421', ...notice })
  const guard = messageGuard<HttpSignatureGrant, HttpSignatureFault>(
    settings,
    {
      begin: (request, nowMs, find) => begin(request, settings, nowMs, find),
      verified: ({ signatures }) => {
        tellObserver(settings.observe, { scheme: 'rfc9421', type: 'signature.verified', signatures })
      },
      mountedTwice: ({ signatures }, prior) => {
        const granted = prior.get('signature') as Partial<HttpSignatureGrant> | undefined
        if (granted?.scheme !== 'rfc9421') return undefined
        const known = new Set(granted.signatures?.map(({ label }) => label))
        return signatures.some(({ label }) => known.has(label)) ? 'httpSignature' : undefined
      },
    },
    tell,
  )
  return observedGuard(settings.observe, 'signature.verify', guard)
}

async function begin(
  request: GuardRequest,
  settings: HttpSignatureSettings,
  nowMs: number,
  find: <Keys>(work: () => Awaitable<Keys>) => Promise<Keys>,
): Promise<PendingMessage<HttpSignatureGrant, HttpSignatureFault> | HttpSignatureFault> {
  const head = await verifyHead(messageOf(request, settings.publicOrigin), settings, nowMs, find)
  if (typeof head === 'string') return head
  const { signatures, body: digests, replayIds } = head
  const id = settings.policy.nonce === 'required' ? signatures[0]?.nonce : undefined
  return {
    readsBody: digests !== undefined,
    feed: (chunk) => digests?.feed(chunk),
    finish: (body) => {
      if (digests?.finish(body) === false) return 'digest-mismatch'
      return { grant: { scheme: 'rfc9421', id, signatures }, replayIds }
    },
  }
}

function messageOf({ method, url, headers }: GuardRequest, publicOrigin: string | undefined): RequestMessage {
  return { method, url: addressedUrl(url, publicOrigin), fields: guardFields(headers), trailers: undefined }
}

/** The URL as the sender addressed it: our own origin where that is known, and the path and query that came. */
function addressedUrl(url: string, publicOrigin: string | undefined): string {
  if (publicOrigin === undefined) return url
  const uri = targetUri(url)
  return uri === undefined ? url : `${publicOrigin}${uri.path}${uri.query}`
}
