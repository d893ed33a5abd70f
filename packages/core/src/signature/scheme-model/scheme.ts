/**
 * The scheme model. How a provider signs is data: a later provider is one more constant, and nothing that reads a
 * {@link Scheme} knows any provider by name.
 */

/**
 * How a signature is made. `sha256-prefix`: SHA-256 over the secret and then the content, which is older than HMAC and weaker;
 * `ecdsa-p256-…`: with SHA-256, the signature in DER or as r and s of 32 bytes each (IEEE P1363); `rsa-v1_5-sha256`: RSASSA
 * PKCS #1 v1.5. `shared-secret` signs nothing: the sender shows the secret itself, and only its digest is compared.
 */
export type SignatureAlgorithm =
  | 'hmac-sha1'
  | 'hmac-sha256'
  | 'hmac-sha512'
  | 'sha256-prefix'
  | 'ed25519'
  | 'ecdsa-p256-der'
  | 'ecdsa-p256-p1363'
  | 'rsa-v1_5-sha256'
  | 'shared-secret'

/**
 * How a signature is written. Of each there is exactly one accepted spelling of the exact length: `hex` in either case,
 * `base64` padded and canonical, `base64url` unpadded and canonical; `text` is the value itself (`shared-secret`).
 */
export type SignatureEncoding = 'hex' | 'base64' | 'base64url' | 'text'

/**
 * One run of the signed bytes: what the message says, exactly as it was sent, or a literal. A list of these, never a
 * template: nothing that a sender writes can become structure.
 *
 * - `body-sha256`: SHA-256 of the body in lower-case hexadecimal;
 * - `sorted-form`: the parameters of a form-encoded body, decoded: by name, each name with each of its different values;
 * - `urlUnescaping`: the URL, in which the percent escapes of these characters are undone;
 * - `field`: the value of a header field; where `isOptional`, nothing if there is none;
 * - `element`: the value of an element of a list of pairs;
 * - `fieldsNamedIn`: the values of the header fields that an element names, separated by spaces, in its order.
 */
export type ContentSegment =
  | 'id'
  | 'timestamp'
  | 'body'
  | 'body-sha256'
  | 'method'
  | 'url'
  | 'sorted-form'
  | { readonly literal: string }
  | { readonly urlUnescaping: string }
  | { readonly field: string; readonly isOptional?: true }
  | { readonly element: string }
  | { readonly fieldsNamedIn: string; readonly separator: string }

/** Where a value stands: a header field, an element of a list of pairs, or a member of the JSON body, name by name. */
export type FieldPlace =
  | { readonly header: string }
  | { readonly element: string }
  | { readonly body: readonly string[] }

/**
 * How signatures stand in their header field: `bare`: the field is one signature; `prefixed`: one signature after a constant
 * (`sha256=<hex>`); `labelled`: `<label>,<signature>` separated by single spaces; `pairs`: `<name>=<value>`, of which some
 * names are labels of signatures and others hold the time.
 */
export type SignatureSyntax =
  | { readonly form: 'bare' }
  | { readonly form: 'prefixed'; readonly prefix: string }
  | { readonly form: 'labelled' }
  | { readonly form: 'pairs'; readonly separator: string }

/** One version of a provider's signature. */
export interface SignatureVariant {
  /** The version's name in a list (`v1`); absent where the syntax has none. */
  readonly label?: string
  readonly algorithm: SignatureAlgorithm
  readonly encoding: SignatureEncoding
  /** What this version signs, where that differs from {@link Scheme.content}. */
  readonly content?: readonly ContentSegment[]
}

/** One set of header fields that carries a credential. Names are in lower case. */
export interface SignatureCarrier {
  /** The field with the signatures, or several fields of which at least one is present. */
  readonly signature: string | readonly string[]
  readonly syntax: SignatureSyntax
  /** The versions that count, the strongest first; every other label is ignored. */
  readonly variants: readonly SignatureVariant[]
  /** Whether only the strongest version in a field counts, so that a weak one never rescues it. @defaultValue `false` */
  readonly strongestOnly?: boolean
  readonly timestamp?: FieldPlace
  /** The delivery id. It is signed where {@link Scheme.content} names it or the body holds it. */
  readonly id?: FieldPlace
  /**
   * The parameter of the URL's query that holds SHA-256 of the body in hexadecimal: where the URL is signed and the body is
   * not, this binds it.
   */
  readonly bodyDigestParameter?: string
  /** Further fields and the one value that each must have. */
  readonly fixed?: Readonly<Record<string, string>>
  /** Names a weaker carrier: it counts only where `allowLegacy` says this word and no stronger carrier is present. */
  readonly legacy?: string
}

/** How a time is written: Unix seconds or milliseconds in canonical decimal, RFC 3339, or IMF-fixdate (RFC 9110 5.6.7). */
export type TimestampUnit = 's' | 'ms' | 'rfc3339' | 'imf-fixdate'

/** What a decoded secret is: a MAC key, one half of a key pair, or a text that is shown as it is. */
export type SecretKind =
  | 'hmac'
  | 'text'
  | 'ed25519-public'
  | 'ed25519-private'
  | 'p256-public'
  | 'p256-private'
  | 'rsa-public'
  | 'rsa-private'

/** How secrets that begin with `prefix` are decoded. */
export interface SecretRule {
  /** Taken off before decoding; absent: any secret that no rule before matches. */
  readonly prefix?: string
  /** `pem`: a key in PEM, its label checked. */
  readonly encoding: 'utf8' | 'hex' | 'base64' | 'pem'
  /**
   * Public keys are raw (32 bytes of Ed25519, 65 uncompressed ones of P-256) or SPKI in DER; private ones are PKCS #8 in DER,
   * or a raw seed of Ed25519.
   */
  readonly kind: SecretKind
  readonly minBytes?: number
  readonly maxBytes?: number
}

/**
 * Everything there is to know about how a provider signs.
 *
 * The replay window keys on the delivery id where it is signed, else on the MAC over {@link Scheme.content} that we compute
 * ourselves with the first variant of the first carrier, never on header text: what is not signed can be changed by whoever
 * replays a message.
 */
export interface Scheme {
  /** Lower case and hyphens: names the scheme in events, in vectors, and in the replay window. */
  readonly name: string
  /**
   * Where the credential stands in the JSON body and not in the head: the members, name by name, that stand for fields, by the
   * names of these fields. A list counts where it has one member, by the name `0`. Such a body is read before anything is
   * known about its sender.
   */
  readonly envelope?: Readonly<Record<string, readonly string[]>>
  /** The first one whose signature field is present decides; fields of two carriers never mix. */
  readonly carriers: readonly SignatureCarrier[]
  /** The signed bytes, in order; empty for a shared secret. */
  readonly content: readonly ContentSegment[]
  readonly timestamp?: { readonly unit: TimestampUnit; readonly toleranceSeconds: number }
  /** The first rule whose prefix a secret has decodes it. */
  readonly secrets: readonly SecretRule[]
}

/** What has a scheme: a preset, or a preset with its secrets bound. */
export interface HasScheme {
  readonly scheme: Scheme
}

/** The field names with signatures, one or several. */
export function signatureFields(carrier: SignatureCarrier): readonly string[] {
  return typeof carrier.signature === 'string' ? [carrier.signature] : carrier.signature
}

/** Whether the delivery id of this carrier is covered by the signature. */
export function signsId(scheme: Scheme, carrier: SignatureCarrier): boolean {
  if (carrier.id === undefined) return false
  if ('body' in carrier.id) return contents(scheme, carrier).every((content) => content.includes('body'))
  return contents(scheme, carrier).every((content) => content.includes('id'))
}

/** Whether the URL is signed. */
export function signsUrl(content: readonly ContentSegment[]): boolean {
  return content.some((segment) => segment === 'url' || (typeof segment === 'object' && 'urlUnescaping' in segment))
}

/** What each variant of a carrier signs. */
export function contents(scheme: Scheme, carrier: SignatureCarrier): readonly (readonly ContentSegment[])[] {
  return carrier.variants.map((variant) => variant.content ?? scheme.content)
}
